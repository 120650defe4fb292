using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Worker.Migrations;

/// <summary>What a database starts with: the workspace <c>default</c> and, where configured, a development router key. Safe to repeat.</summary>
public sealed partial class Seed(WorkspaceStore workspaces, RouterKeyStore routerKeys, IConfiguration configuration, ILogger<Seed> logger)
{
    public const string Workspace = "default";
    internal const string RouterKeySetting = "Router:Development:RouterKey";

    /// <exception cref="InvalidOperationException">The configured key is not a router key.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await workspaces.CreateAsync(Workspace, "Default", cancellationToken);
        if (configuration[RouterKeySetting] is not { Length: > 0 } text)
            return;
        // The message never shows the value: it is a secret even when malformed.
        var token = RouterKeyToken.TryParse(text.Trim())
            ?? throw new InvalidOperationException($"{RouterKeySetting} is not of the form rk_<id>_<secret>.");
        await routerKeys.SeedDevelopmentAsync(Workspace, token, cancellationToken);
        LogSeeded(token.Id, Workspace);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Development router key {Id} may use workspace {Workspace}")]
    private partial void LogSeeded(Printable id, Printable workspace);
}

using Npgsql;
using Router.Core.Keys;
using Router.Core.Telemetry;

namespace Router.Worker.Migrations;

/// <summary>
/// Whether the master keys open what is stored. In production a key that they don't open is a status of that key; a developer's run ends,
/// as the wrong master key was given, and every save under it would make more of them.
/// </summary>
public sealed partial class MasterKeyFit(IConfiguration configuration, NpgsqlDataSource database, ILogger<MasterKeyFit> logger)
{
    private const int Named = 20;

    /// <exception cref="InvalidOperationException">This is a developer's run, and some key cannot be read.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        // Migrations need no master key, and a deployment may give them none.
        if (!configuration.GetSection("Router:MasterKeys").Exists() && configuration["Router:MasterKeysFile"] is null or "") return;
        var unreadable = await UnreadableKeys.FindAsync(database, MasterKeyConfiguration.Load(configuration), Named + 1, cancellationToken);
        if (unreadable.Count == 0) return;

        var names = string.Join(", ", unreadable.Take(Named)) + (unreadable.Count > Named ? ", and more" : "");
        if (configuration[Seed.RouterKeySetting] is { Length: > 0 })
            throw new InvalidOperationException($"The master key is not the one that these stored provider keys were sealed under: {names}. Give the former one (Parameters__master-key), or delete the state directory to begin anew.");
        LogUnreadable(names);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "No configured master key opens these stored provider keys: {Keys}")]
    private partial void LogUnreadable(Printable keys);
}

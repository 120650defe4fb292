using System.Collections.Frozen;
using Router.Api.Dialects.OpenAI;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Tests.Support;

namespace Router.Tests.Chat;

internal sealed record KeyState(IReadOnlyList<ProviderKey> Keys, WorkspacePolicy Policy, bool RouterKey = true, bool Workspace = true);

/// <summary>One request of a workspace whose stored state changes meanwhile.</summary>
internal sealed class KeyRun : ISnapshotSource
{
    public const string First = "sk-first-of-the-workspace";

    private const string RouterKeyId = "rk-of-the-tests";

    private readonly DateTimeOffset _start;
    private readonly Pipeline _pipeline;
    private readonly string _more;

    /// <summary>A timer that nobody holds is collected and never fires.</summary>
    private readonly List<ITimer> _timers = [];

    private KeyState _state;

    public KeyRun(Pipeline pipeline, bool stream, Func<HttpRequestMessage, int, HttpResponseMessage> provider, WorkspacePolicy policy, string members = "", params ProviderKey[] keys)
    {
        _state = new(keys.Length == 0 ? [Key("openai", 1, First)] : keys, policy);
        Current = Take();
        Router = new(
            pipeline,
            (request, call) =>
            {
                Sent.Add(request.Headers.NonValidated.TryGetValues("Authorization", out var key) ? key.ToString()["Bearer ".Length..] : "");
                return provider(request, call);
            },
            snapshots: this);
        _start = Router.Time.GetUtcNow();
        _more = (stream ? ",\"stream\":true" : "") + (members.Length > 0 ? "," + members : "");
        _pipeline = pipeline;
    }

    public ScriptedRouter Router { get; }

    public string Model { get; init; } = "openai/a";

    public ChatRequest Request => field ??= Ask();

    public List<string> Sent { get; } = [];

    public Snapshot Current { get; private set; }

    public double Seconds => (Router.Time.GetUtcNow() - _start).TotalSeconds;

    /// <summary>Of the stored key of the tests.</summary>
    public static Guid Id { get; } = Guid.Parse("22222222-2222-2222-2222-222222222222");

    public static ProviderKey Key(string provider, int version, string? secret, Guid? id = null) =>
        new(id ?? Id, "default", provider, version, secret is null ? null : new Secret(secret), "", $"print{version}", CredentialStatus.Valid, null);

    public Task<string> AskAsync() => Router.AskAsync(Request, TestContext.Current.CancellationToken);

    public void Change(Func<KeyState, KeyState> change)
    {
        _state = change(_state);
        Current = Take();
    }

    public void After(double seconds, Func<KeyState, KeyState> change) =>
        _timers.Add(Router.Time.CreateTimer(_ => Change(change), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan));

    private ChatRequest Ask()
    {
        ChatRequest request = _pipeline.Request($$$"""{"model":"{{{Model}}}","messages":[{"role":"user","content":"Hi"}]{{{_more}}}}""", Current.Workspaces["default"]);
        request.Options.Request.RouterKeyId = RouterKeyId;
        return request;
    }

    private Snapshot Take() => new(
        (_state.RouterKey ? new[] { new RouterKey(RouterKeyId, "default", "test", [], RouterKeyPermissions.Inference) { Limits = LimitSettings.Default } } : []).ToFrozenDictionary(key => key.Id),
        (_state.Workspace ? new[] { new Workspace("default", "Default", _state.Policy, _state.Keys.ToFrozenDictionary(key => key.Provider)) { IsStored = true } } : []).ToFrozenDictionary(workspace => workspace.Id),
        1,
        DateTimeOffset.UnixEpoch);
}

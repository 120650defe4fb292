using System.Collections.Frozen;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Router.Api.Auth;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Tests.Support;

namespace Router.Tests.Auth;

/// <summary>A connection remembers its caller for as long as nothing changes; whatever changes, the key is looked up anew.</summary>
public sealed class ConnectionCallerTests
{
    private readonly RouterKeyToken _token = RouterKeyToken.Generate();
    private readonly Connection _connection = new();

    [Fact]
    public void A_key_that_was_revoked_is_refused_though_its_connection_stays()
    {
        string header = $"Bearer {_token.Reveal()}";
        Snapshot before = SnapshotOf(_token);
        Assert.Equal(_token.Id, RouterCaller.AuthenticateKey(Context(header), before).Key.Id);
        Assert.Equal(_token.Id, RouterCaller.AuthenticateKey(Context(header), before).Key.Id);
        Assert.Equal(401, Assert.Throws<RouterException>(() => RouterCaller.AuthenticateKey(Context(header), SnapshotOf())).Error.Status);
    }

    [Fact]
    public void Another_key_on_the_same_connection_is_another_caller()
    {
        RouterKeyToken other = RouterKeyToken.Generate();
        Snapshot snapshot = SnapshotOf(_token, other);
        foreach (RouterKeyToken token in (RouterKeyToken[])[_token, other, _token])
        {
            Assert.Equal(token.Id, RouterCaller.AuthenticateKey(Context($"Bearer {token.Reveal()}"), snapshot).Key.Id);
        }

        Assert.Throws<RouterException>(() => RouterCaller.AuthenticateKey(Context(null), snapshot));
        Assert.Throws<RouterException>(() => RouterCaller.AuthenticateKey(Context($"Bearer {_token.Reveal()}x"), snapshot));
    }

    [Fact]
    public void What_is_remembered_is_the_very_header_of_the_very_snapshot()
    {
        string header = $"Bearer {_token.Reveal()}";
        Snapshot snapshot = SnapshotOf(_token);
        ConnectionCaller caller = ConnectionCaller.Of(Context(header))!;
        caller.Keep(header, snapshot, RouterCaller.AuthenticateKey(Context(header), snapshot).Key);
        Assert.NotNull(caller.Find(header, snapshot));
        Assert.Null(caller.Find(new string(header), snapshot));
        Assert.Null(caller.Find(header, SnapshotOf(_token)));
        Assert.Null(caller.Find(null, snapshot));
    }

    [Fact]
    public void Where_requests_of_a_connection_overlap_nothing_is_remembered()
    {
        HttpContext context = Context("Bearer x");
        context.Request.Protocol = "HTTP/2";
        Assert.Null(ConnectionCaller.Of(context));
    }

    private DefaultHttpContext Context(string? header)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IConnectionItemsFeature>(_connection);
        context.Request.Protocol = "HTTP/1.1";
        context.Request.Headers.Authorization = header;
        return context;
    }

    private static Snapshot SnapshotOf(params RouterKeyToken[] tokens) => new(
        tokens.Select(token => new RouterKey(token.Id, "default", "test", token.Hash(), RouterKeyPermissions.Inference)).ToFrozenDictionary(key => key.Id),
        new[] { Pipeline.Workspace(null) }.ToFrozenDictionary(workspace => workspace.Id),
        1,
        DateTimeOffset.UnixEpoch);

    private sealed class Connection : IConnectionItemsFeature
    {
        public IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();
    }
}

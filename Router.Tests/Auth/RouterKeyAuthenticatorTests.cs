using System.Collections.Frozen;
using System.Text;
using CsCheck;
using Microsoft.Extensions.Configuration;
using Router.Api.Auth;
using Router.Core.Keys;

namespace Router.Tests.Auth;

public sealed class RouterKeyAuthenticatorTests
{
    private readonly RouterKeyToken _token = RouterKeyToken.Generate();
    private readonly Snapshot _snapshot;

    public RouterKeyAuthenticatorTests() => _snapshot = SnapshotWith(RouterKeyPermissions.Inference);

    [Fact]
    public void Every_documented_form_is_accepted()
    {
        var text = _token.Reveal();
        var secret = text[^40..];
        string[] tokens = [text, Base64(text), Base64($"{_token.Id}:{secret}"), Base64($"rk_{_token.Id}:{secret}")];
        foreach (var scheme in new[] { "Bearer", "Basic", "bearer", "BASIC" })
        {
            foreach (var token in tokens)
            {
                Assert.True(RouterKeyAuthenticator.TryAuthenticate($"{scheme} {token}", _snapshot, out var key, out var workspace));
                Assert.Equal((_token.Id, "default"), (key.Id, workspace.Id));
            }
        }
    }

    [Fact]
    public void Anything_else_is_refused()
    {
        var text = _token.Reveal();
        string?[] headers = [null, "", "Bearer", "Bearer ", text, $"Digest {text}", $"Bearer{text}", $"Bearer {text}x", $"Bearer {text[..^1]}", $"Bearer {RouterKeyToken.Generate().Reveal()}", $"Bearer rk_{_token.Id}_{new string('0', 40)}", $"Basic {Base64(":")}", "Bearer " + new string('a', 100_000)];
        foreach (var header in headers)
        {
            Assert.False(RouterKeyAuthenticator.TryAuthenticate(header, _snapshot, out var key, out var workspace));
            Assert.Null(key);
            Assert.Null(workspace);
        }
    }

    [Fact]
    public void No_header_makes_it_throw() =>
        Gen.OneOf(Gen.String, Gen.String.Select(text => "Bearer " + text), Gen.String.Select(text => "Basic " + Base64(text)), Gen.String[Gen.Char["BasicBearer rk_:=+/é\0"], 0, 1100])
            .Sample(header => !RouterKeyAuthenticator.TryAuthenticate(header, _snapshot, out _, out _));

    [Fact]
    public void A_key_of_a_workspace_that_is_gone_is_refused() =>
        Assert.False(RouterKeyAuthenticator.TryAuthenticate($"Bearer {_token.Reveal()}", _snapshot with { Workspaces = FrozenDictionary<string, Workspace>.Empty }, out _, out _));

    [Theory]
    [InlineData("Bearer admin_secret")]
    [InlineData("Basic admin_secret")]
    [InlineData("Basic YWRtaW5fc2VjcmV0")]
    [InlineData("Basic YWRtaW46YWRtaW5fc2VjcmV0")]
    public void The_admin_key_is_accepted_in_every_form(string header) => Assert.True(Admin("admin_secret").Authenticate(header)?.IsAdministrator);

    [Theory]
    [InlineData("admin_secret", "Bearer admin_secreT")]
    [InlineData("admin_secret", "Bearer admin")]
    [InlineData("", "Bearer ")]
    [InlineData(null, "Bearer admin_secret")]
    public void Another_key_or_none_configured_admits_nobody(string? configured, string header) => Assert.Null(Admin(configured).Authenticate(header));

    [Fact]
    public void A_workspace_key_manages_its_own_workspace_and_only_with_the_permission()
    {
        var header = $"Bearer {_token.Reveal()}";
        Assert.Null(Admin("admin_secret").Authenticate(header));
        var caller = Admin("admin_secret", SnapshotWith(RouterKeyPermissions.Manage)).Authenticate(header);
        Assert.NotNull(caller);
        Assert.False(caller.IsAdministrator);
        Assert.True(caller.MayManage("default"));
        Assert.False(caller.MayManage("other"));
    }

    private AdminAuthenticator Admin(string? key, Snapshot? snapshot = null)
    {
        var cache = new SnapshotCache();
        cache.Swap(snapshot ?? _snapshot);
        return new(new ConfigurationBuilder().AddInMemoryCollection([new("Router:AdminKey", key)]).Build(), cache);
    }

    private Snapshot SnapshotWith(RouterKeyPermissions permissions) => new(
        new Dictionary<string, RouterKey> { [_token.Id] = new(_token.Id, "default", "test", _token.Hash(), permissions) }.ToFrozenDictionary(),
        new Dictionary<string, Workspace> { ["default"] = new("default", "Default", WorkspacePolicy.Default, FrozenDictionary<string, ProviderKey>.Empty) }.ToFrozenDictionary(),
        1,
        DateTimeOffset.UnixEpoch);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

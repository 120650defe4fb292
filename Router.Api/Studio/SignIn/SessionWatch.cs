using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Router.Api.Studio;

/// <summary>Looks at an open page's session now and then: a page left open ends with the session it was opened in.</summary>
internal sealed class SessionWatch(StudioAuthentication users, ILoggerFactory logging) : RevalidatingServerAuthenticationStateProvider(logging)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(10);

    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        Task.FromResult(StudioUser.From(authenticationState.User) is { } user && users.IsStillGood(user));
}

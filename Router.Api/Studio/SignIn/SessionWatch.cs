using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Router.Api.Studio;

/// <summary>Looks at an open page's session now and then: a page left open ends with the session it was opened in.</summary>
internal sealed class SessionWatch(StudioAuthentication users, ILoggerFactory logging) : RevalidatingServerAuthenticationStateProvider(logging)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(10);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        if (StudioUser.From(authenticationState.User) is not { } user)
            return false;
        try
        {
            return await users.IsOpenAsync(user, cancellationToken);
        }
        catch (Exception exception) when (Outage.Is(exception))
        {
            // Nobody knows. The page stays; whatever it is asked to do asks again, and is not done.
            return users.IsStillGood(user);
        }
    }
}

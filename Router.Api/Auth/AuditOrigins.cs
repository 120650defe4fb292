using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Router.Core.Keys;

namespace Router.Api.Auth;

internal static class AuditOrigins
{
    /// <summary>Who calls, once <see cref="ControlPlaneFilter"/> has admitted them.</summary>
    public static ControlPlaneCaller Caller(this HttpContext http) => http.Features.GetRequiredFeature<ControlPlaneCaller>();

    /// <summary>
    /// Who calls and from where, once <see cref="ControlPlaneFilter"/> has admitted the caller. The address is the
    /// connection's: a forwarded one counts only where ASP.NET's own forwarded-headers middleware has put it there.
    /// </summary>
    public static AuditOrigin Origin(this HttpContext http)
    {
        var caller = http.Caller();
        var address = http.Connection.RemoteIpAddress;
        return new(
            caller.IsAdministrator ? AuditOrigin.Administrator : AuditOrigin.RouterKey,
            caller.KeyId,
            (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString(),
            Activity.Current?.TraceId.ToHexString());
    }
}

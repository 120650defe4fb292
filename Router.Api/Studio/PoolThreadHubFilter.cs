using Microsoft.AspNetCore.SignalR;
using Router.Core;

namespace Router.Api.Studio;

/// <summary>
/// A page's messages come in on a thread that polls sockets, and what they set off, rendering above all, must not hold up the
/// chats it serves.
/// </summary>
internal sealed class PoolThreadHubFilter : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        await PoolThread.Switch();
        return await next(invocationContext);
    }
}

using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.SignalR;

namespace Router.Api.Studio;

/// <summary>
/// Ends connections that shook hands and then asked for no page. SignalR itself watches only those that have sent a ping. Whoever does not
/// shake hands is gone after its 15 s, and whoever answers no ping of the web socket's after <see cref="Patience"/>.
/// </summary>
internal sealed class SilentSocketFilter(TimeProvider time) : IHubFilter
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        var watch = new Watch(context.Context, time);
        context.Context.Items[typeof(Watch)] = watch;
        context.Context.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static state => ((Watch)state).Look(), watch);
        return next(context);
    }

    public ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        if (invocationContext.Context.Items.TryGetValue(typeof(Watch), out var watch))
            ((Watch)watch!).Spoken = true;
        return next(invocationContext);
    }

    private sealed class Watch(HubCallerContext connection, TimeProvider time)
    {
        private readonly long _since = time.GetTimestamp();
        private volatile bool _spoken;

        public bool Spoken
        {
            set => _spoken = value;
        }

        public void Look()
        {
            if (!_spoken && time.GetElapsedTime(_since) >= Patience)
                connection.Abort();
        }
    }
}

using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Router.Core;

namespace Router.Api.Hosting;

/// <summary>
/// Where requests run. Inline, a chat is served on the thread that polls its sockets, from the first byte of the request to the
/// last of the answer: no hand-over to the thread pool, at the price that nothing on its way may block or compute for
/// long. Everything else, the control plane and the Studio, hops to the thread pool at once.
/// </summary>
public static class ServerScheduling
{
    private const string Setting = "Router:Server:InlineScheduling";

    /// <summary>Read by the runtime when it opens its first socket; there is no other way to say it.</summary>
    private const string RuntimeVariable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Before anything opens a socket. What the operator's environment says of the runtime's part wins.</summary>
    public static WebApplicationBuilder UseInlineScheduling(this WebApplicationBuilder builder)
    {
        // A read that waits with its buffer costs 4 KB for each open connection and saves a system call for each request.
        builder.WebHost.UseSockets(options => options.WaitForDataBeforeAllocatingBuffer = false);
        if (!builder.Configuration.GetValue(Setting, true))
        {
            return builder;
        }

        if (Environment.GetEnvironmentVariable(RuntimeVariable) is null)
        {
            Environment.SetEnvironmentVariable(RuntimeVariable, "1");
        }

        builder.WebHost.UseSockets(options => options.UnsafePreferInlineScheduling = true);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ServerBlocks>();
        return builder;
    }

    /// <summary>So many requests of one connection in a row on one thread, and the next goes on on the thread pool.</summary>
    private const int InARow = 16;

    [ThreadStatic]
    private static string? t_connection;

    [ThreadStatic]
    private static int t_inARow;

    /// <summary>
    /// Keeps a caller that sends requests faster than they are answered from owning the thread that polls for it: the server takes the
    /// next request of a connection without a wait where it is there already. First of all middleware.
    /// </summary>
    public static IApplicationBuilder UseFairTurns(this IApplicationBuilder app) => app.Use(static (context, next) =>
        IsTurnOver(context.Features.Get<IHttpConnectionFeature>()?.ConnectionId) ? HopAsync(context, next) : next(context));

    private static bool IsTurnOver(string? connection)
    {
        if (ReferenceEquals(connection, t_connection) && ++t_inARow < InARow)
        {
            return false;
        }

        bool over = t_inARow >= InARow;
        (t_connection, t_inARow) = (connection, 0);
        return over;
    }

    /// <summary>Takes requests that are no chats off the polling threads.</summary>
    public static IApplicationBuilder UseThreadPoolForOthers(this IApplicationBuilder app) => app.Use(static (context, next) =>
        context.Request.Path.StartsWithSegments("/v1/chat/completions", StringComparison.Ordinal) ? next(context) : HopAsync(context, next));

    private static async Task HopAsync(HttpContext context, RequestDelegate next)
    {
        await PoolThread.Yield();
        await next(context);
    }
}

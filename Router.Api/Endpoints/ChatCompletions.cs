using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Router.Api.Dialects;
using Router.Api.Dialects.OpenAI;
using Router.Core.Chat;

namespace Router.Api.Endpoints;

/// <summary>Where the chat endpoints are registered and mapped.</summary>
public static class ChatCompletions
{
    private const string Path = "/v1/chat/completions";

    /// <summary>
    /// What reading and answering takes. Wants <c>AddRouterKeys</c>, <c>AddRouterLimits</c> and <c>AddRouterChat</c>. Register it after what
    /// writes what observers of ended requests collect: services stop in the opposite order.
    /// </summary>
    public static IServiceCollection AddChatCompletions(this IServiceCollection services)
    {
        services.AddObservationQueue();
        services.TryAddSingleton<RequestBody>();
        return services.AddSingleton<ChatRequestReader>().AddSingleton<RequestLog>().AddSingleton<ChatCompletionsEndpoint>();
    }

    /// <summary>
    /// Serves chats that are asked for by the exact path before routes are looked for; however else one is written, its route is found. A chat
    /// answers whatever fails in it by itself.
    /// </summary>
    public static IApplicationBuilder UseChatCompletions(this IApplicationBuilder app)
    {
        ChatCompletionsEndpoint chats = app.ApplicationServices.GetRequiredService<ChatCompletionsEndpoint>();
        var endpoint = new RouteEndpoint(chats.CompleteAsync, RoutePatternFactory.Parse(Path), 0, EndpointMetadataCollection.Empty, $"HTTP: POST {Path}");
        return app.Use((context, next) =>
        {
            if (!HttpMethods.IsPost(context.Request.Method) || !string.Equals(context.Request.Path.Value, Path, StringComparison.Ordinal))
            {
                return next(context);
            }

            // The server measures requests by their route.
            context.SetEndpoint(endpoint);
            return chats.CompleteAsync(context);
        });
    }

    /// <remarks>They run where the route is found and skip what stands behind: they need no part of it, and it costs every chat.</remarks>
    public static IEndpointRouteBuilder MapChatCompletions(this IEndpointRouteBuilder endpoints)
    {
        ChatCompletionsEndpoint chats = endpoints.ServiceProvider.GetRequiredService<ChatCompletionsEndpoint>();
        endpoints.MapPost(Path, chats.CompleteAsync).ShortCircuit();
        endpoints.MapPost($"{Path}:explain", chats.ExplainAsync).ShortCircuit();
        return endpoints;
    }
}

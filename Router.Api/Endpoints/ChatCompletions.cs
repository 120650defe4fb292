using Microsoft.Extensions.DependencyInjection.Extensions;
using Router.Api.Dialects;
using Router.Api.Dialects.OpenAI;

namespace Router.Api.Endpoints;

/// <summary>Where the chat endpoints are registered and mapped.</summary>
public static class ChatCompletions
{
    /// <summary>What reading and answering takes. Wants <c>AddRouterKeys</c>, <c>AddRouterLimits</c> and <c>AddRouterChat</c>.</summary>
    public static IServiceCollection AddChatCompletions(this IServiceCollection services)
    {
        services.TryAddSingleton<RequestBody>();
        return services.AddSingleton<ChatRequestReader>().AddSingleton<RequestLog>().AddSingleton<ChatCompletionsEndpoint>();
    }

    /// <remarks>They run where the route is found and skip what stands behind: they need no part of it, and it costs every chat.</remarks>
    public static IEndpointRouteBuilder MapChatCompletions(this IEndpointRouteBuilder endpoints)
    {
        ChatCompletionsEndpoint chats = endpoints.ServiceProvider.GetRequiredService<ChatCompletionsEndpoint>();
        endpoints.MapPost("/v1/chat/completions", chats.CompleteAsync).ShortCircuit();
        endpoints.MapPost("/v1/chat/completions:explain", chats.ExplainAsync).ShortCircuit();
        return endpoints;
    }
}

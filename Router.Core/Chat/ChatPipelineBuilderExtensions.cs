using Microsoft.Extensions.AI;
using Router.Core.Health;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>The stages, outermost first as they are used.</summary>
public static class ChatPipelineBuilderExtensions
{
    public static ChatClientBuilder UseRequestTelemetry(this ChatClientBuilder builder, params IRequestObserver[] observers) =>
        builder.Use(inner => new RequestTelemetryChatClient(inner, observers));

    public static ChatClientBuilder UseRoutePlanning(this ChatClientBuilder builder, RoutingKnowledge knowledge, Exploration exploration, TimeSpan deadline, TimeProvider time) =>
        builder.Use(inner => new RoutePlanningChatClient(inner, knowledge, exploration, deadline, time));

    public static ChatClientBuilder UseAttemptTelemetry(this ChatClientBuilder builder, Provider provider) =>
        builder.Use(inner => new AttemptTelemetryChatClient(inner, provider));

    public static ChatClientBuilder UseFirstContent(this ChatClientBuilder builder) =>
        builder.Use(inner => new FirstContentChatClient(inner));

    public static ChatClientBuilder UseRouteStatistics(this ChatClientBuilder builder, IRouteStatistics statistics, TimeProvider time) =>
        builder.Use(inner => new RouteStatisticsChatClient(inner, statistics, time));
}

using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Router.Core.Health;
using Router.Core.Providers;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>The stages, outermost first as they are used.</summary>
public static class ChatPipelineBuilderExtensions
{
    /// <param name="costs">Prices the attempts before the observers see them; null where nobody asks.</param>
    public static ChatClientBuilder UseRequestTelemetry(this ChatClientBuilder builder, AttemptCosts? costs = null, params IRequestObserver[] observers) =>
        builder.Use((inner, services) => new RequestTelemetryChatClient(inner, new RequestObservation(costs, services.GetService<ILoggerFactory>()?.CreateLogger<RequestObservation>(), observers)));

    /// <param name="queue">Where what is done about ended requests may wait; null: nowhere.</param>
    public static ChatClientBuilder UseRequestTelemetry(this ChatClientBuilder builder, RequestObservation observation, ObservationQueue? queue) =>
        builder.Use(inner => new RequestTelemetryChatClient(inner, observation, queue));

    public static ChatClientBuilder UseRoutePlanning(this ChatClientBuilder builder, RoutingKnowledge knowledge, Exploration exploration, TimeSpan deadline, TimeProvider time) =>
        builder.Use(inner => new RoutePlanningChatClient(inner, knowledge, exploration, deadline, time));

    public static ChatClientBuilder UseAttemptTelemetry(this ChatClientBuilder builder, Provider provider, AttemptCosts costs) =>
        builder.Use(inner => new AttemptTelemetryChatClient(inner, provider, costs));

    public static ChatClientBuilder UseFirstContent(this ChatClientBuilder builder) =>
        builder.Use(inner => new FirstContentChatClient(inner));

    public static ChatClientBuilder UseRouteStatistics(this ChatClientBuilder builder, IRouteStatistics statistics, TimeProvider time) =>
        builder.Use(inner => new RouteStatisticsChatClient(inner, statistics, time));
}

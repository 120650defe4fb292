using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
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
}

using Microsoft.Extensions.AI;
using Router.Core.Catalog;
using Router.Core.Health;
using Router.Core.Providers;

namespace Router.Core.Chat;

/// <summary>The stages, outermost first as they are used.</summary>
public static class ChatPipelineBuilderExtensions
{
    public static ChatClientBuilder UseRequestTelemetry(this ChatClientBuilder builder, params IRequestObserver[] observers) =>
        builder.Use(inner => new RequestTelemetryChatClient(inner, observers));

    public static ChatClientBuilder UseRoutePlanning(this ChatClientBuilder builder, ModelCatalog catalog, ProviderRegistry providers, ICredentialHealth health, TimeSpan deadline, TimeProvider time) =>
        builder.Use(inner => new RoutePlanningChatClient(inner, catalog, providers, health, deadline, time));

    public static ChatClientBuilder UseAttemptTelemetry(this ChatClientBuilder builder, Provider provider) =>
        builder.Use(inner => new AttemptTelemetryChatClient(inner, provider));

    public static ChatClientBuilder UseFirstContent(this ChatClientBuilder builder) =>
        builder.Use(inner => new FirstContentChatClient(inner));
}

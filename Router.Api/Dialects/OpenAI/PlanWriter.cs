using System.Globalization;
using System.Text.Json;
using Router.Core.Catalog;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Core.Wire;

namespace Router.Api.Dialects.OpenAI;

/// <summary>Writes a plan nobody walked: each route with each key, in order, what was known of them, and what was left out.</summary>
internal static class PlanWriter
{
    private const decimal Million = 1_000_000m;

    public static async Task WriteAsync(HttpContext context, RouteRequest request, AttemptPlan plan, IReadOnlyList<Exclusion> excluded, RoutingKnowledge knowledge)
    {
        byte[] body = Body(request, plan, excluded, knowledge);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static byte[] Body(RouteRequest request, AttemptPlan plan, IReadOnlyList<Exclusion> excluded, RoutingKnowledge knowledge) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("object", "router.plan");
        writer.WriteString("model", request.Model);
        writer.WriteString("reasoning", plan.Reasoning);
        MetadataWriter.WriteRouter(writer, request);
        writer.WriteStartArray("entries");
        foreach (PlanEntry entry in plan.Entries)
        {
            WriteEntry(writer, entry, knowledge, request.Workspace.Id);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("excluded");
        foreach (Exclusion exclusion in excluded)
        {
            writer.WriteStartObject();
            writer.WriteString("model", $"{exclusion.Provider.Slug}/{exclusion.Model}");
            writer.WriteString("provider", exclusion.Provider.Slug);
            if (exclusion.SystemKeyOnly)
            {
                writer.WriteString("credential_type", MetadataWriter.Name(CredentialType.System));
            }

            writer.WriteString("reason", JsonNamingPolicy.SnakeCaseLower.ConvertName(exclusion.Reason.ToString()));
            writer.WriteString("message", exclusion.Message);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("warnings");
        foreach (string warning in request.Warnings)
        {
            writer.WriteStringValue(warning);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void WriteEntry(Utf8JsonWriter writer, PlanEntry entry, RoutingKnowledge knowledge, string workspace)
    {
        writer.WriteStartObject();
        writer.WriteNumber("step", entry.Step + 1);
        writer.WriteString("model", entry.QualifiedModel);
        writer.WriteString("provider", entry.Provider.Slug);
        writer.WriteBoolean("simulated", entry.Provider.Simulated);
        writer.WriteString("credential_type", MetadataWriter.Name(entry.Credential.Type));
        writer.WriteString("credential_source", entry.Credential.Source);
        writer.WriteString("credential_fingerprint", entry.Credential.Fingerprint);
        WriteHealth(writer, entry);
        HostedModel? hosted = knowledge.Catalog.FindHosted(entry.QualifiedModel);
        if (hosted?.Model is { Prices: { } prices, BlendedPrice: { } blended })
        {
            writer.WriteStartObject("pricing");
            writer.WriteNumber("prompt", prices.Input / Million);
            writer.WriteNumber("completion", prices.Output / Million);
            writer.WriteNumber("blended", blended / Million);
            writer.WriteEndObject();
        }

        WriteMeasured(writer, knowledge.Statistics.Find(entry.Hosted?.Name ?? entry.QualifiedModel, workspace));
        WriteBreaker(writer, knowledge.Breakers?.Look(entry, workspace));
        WriteScores(writer, hosted?.Scores ?? knowledge.Catalog.Scores.Of(entry.Provider.Slug, entry.Model, null));
        writer.WriteEndObject();
    }

    private static void WriteHealth(Utf8JsonWriter writer, PlanEntry entry)
    {
        bool foreign = entry.Credential.Secret is { } secret && !SimulatorKeys.MayJudge(entry.Provider, secret);
        bool usable = entry.Health.Usable && entry.Credential.Secret is not null && !foreign;
        writer.WriteStartObject("health");
        writer.WriteBoolean("usable", usable);
        if (!usable)
        {
            writer.WriteString("reason", entry.Credential.Secret is null ? "undecryptable" : foreign ? "not_the_simulators" : FailureConsequences.Code(entry.Health.Reason));
        }

        if (!usable && entry.Health.Until is { } until)
        {
            writer.WriteString("until", until.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        }

        writer.WriteEndObject();
    }

    /// <summary>What was never measured is absent.</summary>
    private static void WriteMeasured(Utf8JsonWriter writer, RouteMeasurement measured)
    {
        if (measured.Latency is { } latency)
        {
            writer.WriteNumber("latency_ms", Math.Round(latency.TotalMilliseconds, 1));
        }

        if (measured.Throughput is { } throughput)
        {
            writer.WriteNumber("tokens_per_second", Math.Round(throughput, 1));
        }

        if (measured.Failing)
        {
            writer.WriteBoolean("failing", true);
        }
    }

    /// <summary>A route that is tried in its place has none.</summary>
    private static void WriteBreaker(Utf8JsonWriter writer, BreakerState? breaker)
    {
        if (breaker is { } state)
        {
            writer.WriteStartObject("breaker");
            writer.WriteString("state", state.HalfOpen ? "half_open" : "open");
            writer.WriteNumber("failures", state.Failures);
            writer.WriteString("until", state.Until.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }
    }

    private static void WriteScores(Utf8JsonWriter writer, CatalogScores scores)
    {
        if (scores is { Intelligence: null, Math: null, Coding: null })
        {
            return;
        }

        writer.WriteStartObject("scores");
        foreach ((string name, double? score) in (ReadOnlySpan<(string, double?)>)[("intelligence", scores.Intelligence), ("math", scores.Math), ("coding", scores.Coding)])
        {
            if (score is { } value)
            {
                writer.WriteNumber(name, value);
            }
        }

        writer.WriteEndObject();
    }
}

using System.Globalization;
using System.Text.Json;
using Router.Api.Auth;
using Router.Api.Dialects.OpenAI;
using Router.Core.Catalog;
using Router.Core.Failures;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Wire;

namespace Router.Api.Endpoints;

/// <summary>What models there are: in the original's shape, and in OpenAI's with which key would serve each now.</summary>
public static class ModelsEndpoints
{
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/llm/v1alpha/models", ListAsync).WithSummary("List models in the original's shape; ?provider= filters");
        endpoints.MapGet("/v1/models", ListOpenAIAsync).WithSummary("List models in OpenAI's shape, with the key that would serve each now");
        endpoints.MapGet("/v1/models/{**id}", GetOpenAIAsync).WithSummary("One model in OpenAI's shape");
        return endpoints;
    }

    private static Task ListAsync(HttpContext context, ISnapshotSource snapshots, ModelCatalog catalog, ProviderRegistry providers, TimeProvider time, string? provider = null) =>
        AnswerAsync(context, snapshots, (writer, _) =>
        {
            string? slug = provider is null ? null
                : providers.TryFind(provider, out Provider? found) ? found.Slug
                : throw new RouterException(RouterError.UnknownProvider(provider, providers.Slugs) with { Param = "provider" });
            writer.WriteStartObject();
            writer.WriteStartArray("models");
            foreach (CatalogModel model in catalog.All.Where(model => slug is null || model.Provider == slug))
            {
                ModelWriter.WriteOriginal(writer, model, providers, time.GetUtcNow());
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    private static Task ListOpenAIAsync(HttpContext context, ISnapshotSource snapshots, ModelCatalog catalog, ProviderRegistry providers, ICredentialHealth health, TimeProvider time) =>
        AnswerAsync(context, snapshots, (writer, workspace) =>
        {
            writer.WriteStartObject();
            writer.WriteString("object", "list");
            writer.WriteStartArray("data");
            foreach (CatalogModel model in catalog.All)
            {
                ModelWriter.WriteOpenAI(writer, model, workspace, providers, health, time.GetUtcNow());
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });

    private static Task GetOpenAIAsync(HttpContext context, string id, ISnapshotSource snapshots, ModelCatalog catalog, ProviderRegistry providers, ICredentialHealth health, TimeProvider time) =>
        AnswerAsync(context, snapshots, (writer, workspace) =>
        {
            CatalogModel model = catalog.Find(id) ?? throw new RouterException(RouterError.ModelNotFound(id, "GET /v1/models lists what is known; others may still be called as provider/model."));
            ModelWriter.WriteOpenAI(writer, model, workspace, providers, health, time.GetUtcNow());
        });

    private static async Task AnswerAsync(HttpContext context, ISnapshotSource snapshots, Action<Utf8JsonWriter, Workspace> write)
    {
        try
        {
            Workspace workspace = RouterCaller.Authenticate(context, snapshots.Current);
            byte[] body = JsonText.Write(writer => write(writer, workspace));
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
        catch (RouterException e)
        {
            await ErrorWriter.WriteAsync(context, e.Error, null);
        }
    }
}

/// <summary>Writes a model of the catalog.</summary>
internal static class ModelWriter
{
    private const decimal Million = 1_000_000m;

    /// <summary>Prices are USD per token; a model without a known price says none.</summary>
    public static void WriteOriginal(Utf8JsonWriter writer, CatalogModel model, ProviderRegistry providers, DateTimeOffset now)
    {
        writer.WriteStartObject();
        writer.WriteString("model", model.UpstreamModel);
        writer.WriteString("provider", model.Provider);
        writer.WriteString("modelCreator", Creator(model, providers));
        if (model.PricesAt(now) is { } prices)
        {
            writer.WriteStartObject("pricing");
            WritePrice(writer, "prompt", prices.Input);
            WritePrice(writer, "completion", prices.Output);
            WritePrice(writer, "promptToken", prices.Input);
            WritePrice(writer, "completionToken", prices.Output);
            writer.WriteEndObject();
        }

        writer.WriteStartObject("spec");
        WriteList(writer, "inputModalities", model.InputModalities);
        WriteList(writer, "outputModalities", model.OutputModalities);
        writer.WriteNumber("contextLength", model.ContextLength);
        writer.WriteNumber("maxCompletionTokens", model.MaxOutputTokens);
        writer.WriteStartObject("capabilities");
        writer.WriteBoolean("functionCalling", model.Capabilities.Tools);
        writer.WriteBoolean("reasoning", model.Capabilities.Reasoning);
        writer.WriteBoolean("promptCaching", model.Prices?.CacheRead > 0);
        writer.WriteBoolean("responseSchema", model.Capabilities.StructuredOutput);
        writer.WriteBoolean("vision", model.InputModalities.Contains("image"));
        // The catalog's source does not say which models search the web.
        writer.WriteBoolean("webSearch", false);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteBoolean("isSupported", model.OutputModalities.Contains("text"));
        writer.WriteEndObject();
    }

    public static void WriteOpenAI(Utf8JsonWriter writer, CatalogModel model, Workspace workspace, ProviderRegistry providers, ICredentialHealth health, DateTimeOffset now)
    {
        writer.WriteStartObject();
        writer.WriteString("id", $"{model.Provider}/{model.UpstreamModel}");
        writer.WriteString("object", "model");
        writer.WriteNumber("created", DateTimeOffset.TryParse(model.ReleaseDate, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset released) ? released.ToUnixTimeSeconds() : 0);
        writer.WriteString("owned_by", Creator(model, providers));
        writer.WriteString("name", model.Name);
        writer.WriteNumber("context_length", model.ContextLength);
        writer.WriteNumber("max_completion_tokens", model.MaxOutputTokens);
        if (model.PricesAt(now) is { } prices)
        {
            writer.WriteStartObject("pricing");
            WritePrice(writer, "prompt", prices.Input);
            WritePrice(writer, "completion", prices.Output);
            writer.WriteEndObject();
        }

        WriteCredential(writer, model, workspace, providers, health);
        writer.WriteEndObject();
    }

    /// <summary>Which key would serve this workspace now, and why not the one before it.</summary>
    private static void WriteCredential(Utf8JsonWriter writer, CatalogModel model, Workspace workspace, ProviderRegistry providers, ICredentialHealth health)
    {
        providers.TryFind(model.Provider, out Provider? provider);
        ProviderKey? own = workspace.ProviderKeys.GetValueOrDefault(model.Provider);
        HealthVerdict ownHealth = own is null ? HealthVerdict.Good : health.Check(own.CredentialId, model.UpstreamModel);
        bool ownServes = own?.Secret is { } secret && ownHealth.Usable && (provider is null || SimulatorKeys.MayJudge(provider, secret));
        bool systemServes = !workspace.Policy.ByokOnly && provider?.SystemCredential is { } system && health.Check(system.Id, model.UpstreamModel).Usable;
        bool allowed = workspace.Policy.Allows(model.Provider);
        writer.WriteStartObject("credential");
        writer.WriteString("type", !allowed ? "none" : ownServes ? "byok" : systemServes ? "system" : "none");
        if (own is not null)
        {
            writer.WriteString("status", CredentialStatusText.ToText(own.Status));
            writer.WriteBoolean("usable", ownServes);
        }

        writer.WriteEndObject();
    }

    private static string Creator(CatalogModel model, ProviderRegistry providers) =>
        ModelCreators.Of(model, providers.TryFind(model.Provider, out Provider? provider) ? provider.Definition.DisplayName : model.Provider);

    private static void WritePrice(Utf8JsonWriter writer, string name, decimal perMillion) => writer.WriteNumber(name, perMillion / Million);

    private static void WriteList(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}

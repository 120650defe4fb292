using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Providers.OpenAI;
using Router.Core.Routing;
using Router.Core.Routing.SavedRouters;
using Router.Core.Wire;

namespace Router.Api.Dialects.OpenAI;

/// <summary>A chat completion request, read: the router's part typed, the rest kept as bytes.</summary>
/// <param name="IncludeUsage">The caller wants to see the usage chunk of a stream.</param>
public sealed record ChatRequest(IReadOnlyList<ChatMessage> Messages, RouterChatOptions Options, bool Stream, bool IncludeUsage);

/// <summary>Reads a body once: names and byte ranges, then only what the router itself must know.</summary>
/// <param name="random">Chooses among a saved router's variants for requests that name no user; safe to use from several threads.</param>
public sealed class ChatRequestReader(ProviderRegistry providers, KeyFingerprint fingerprint, Random? random = null)
{
    /// <exception cref="RouterException">The body is not a request the router can carry; the member at fault is named.</exception>
    public ChatRequest Read(ReadOnlyMemory<byte> bytes, Workspace workspace)
    {
        JsonObject body = Parse(bytes, out MessagesShape? shape);
        JsonObject? extra = body.Find(RouterMembers.ExtraBody) switch
        {
            null or { IsNull: true } => null,
            { Kind: JsonTokenType.StartObject } member => Parse(body.Value(member), RouterMembers.ExtraBody),
            _ => throw Invalid(RouterMembers.ExtraBody, "must be an object"),
        };

        var members = new RequestMembers(body, extra);
        string model = Model(members);
        RoutedBody? routed = null;
        if (RouterName.TryParseModel(model, out string? router))
        {
            routed = SavedRouterBody.Rewrite(body, extra, router, model, workspace, random ?? Random.Shared);
            members = new RequestMembers(routed.Body, routed.Extra);
            model = Model(members);
        }

        if (routed is not null || extra?.Find("messages") is not null)
        {
            // They are others than the body's.
            shape = null;
        }

        ReadOnlyMemory<byte> array = MessagesReader.Check(members, ref shape);
        bool stream = members.Bool("stream") ?? false;

        var messages = new LazyMessages(array);
        var source = new RequestSource(members, members.ToWire(messages, shape!.Value.Marks));
        var request = new RouteRequest
        {
            Workspace = workspace,
            Model = model,
            SavedRouter = routed?.Use,
            Options = new RouterOptionsReader(providers, fingerprint).Read(members),
            Source = source,
        };
        request.Warnings.AddRange(routed?.Choice.Warnings ?? []);
        RouterOptionsReader.Warn(members, model, request.Warnings);

        var options = new RouterChatOptions(request) { ModelId = model, RawRepresentationFactory = source.For };
        return new ChatRequest(messages, options, stream, stream && IncludeUsage(members));
    }

    private static string Model(RequestMembers members)
    {
        string? model = members.String("model");
        string? modelId = members.String(RouterMembers.ModelId);
        if (model is not null && modelId is not null && model != modelId)
        {
            throw Invalid(RouterMembers.ModelId, "differs from 'model'; send one of them");
        }

        model ??= modelId ?? throw Invalid("model", "is required");
        return model.Length <= RouterOptions.LongestName
            ? model
            : throw Invalid("model", $"is longer than {RouterOptions.LongestName} characters");
    }

    private static bool IncludeUsage(RequestMembers members)
    {
        // The leaf adds to this object; one it could not read must be the caller's fault here.
        if (members.ObjectText("stream_options") is { } text)
        {
            Parse(text, "'stream_options'");
        }

        if (members.Object("stream_options") is not { } options)
        {
            return false;
        }

        return options.TryGetProperty("include_usage", out JsonElement include) && include.ValueKind == JsonValueKind.True;
    }

    private static JsonObject Parse(ReadOnlyMemory<byte> text, out MessagesShape? messages)
    {
        try
        {
            var reader = new ChatBodyReader();
            var body = JsonObject.Parse(text, ref reader);
            messages = reader.Messages;
            // Long messages without an escape need not be searched for one.
            if (messages is { Escapes: false } && body.Find("messages") is { } member)
            {
                JsonUnicode.Check(text.Span, member.ValueStart..member.ValueEnd);
            }
            else
            {
                JsonUnicode.Check(text.Span);
            }

            return body;
        }
        catch (JsonObjectException e)
        {
            throw Refused("The request body", e);
        }
    }

    private static JsonObject Parse(ReadOnlyMemory<byte> text, string what)
    {
        try
        {
            JsonUnicode.Check(text.Span);
            return JsonObject.Parse(text);
        }
        catch (JsonObjectException e)
        {
            throw Refused(what, e);
        }
    }

    private static RouterException Refused(string what, JsonObjectException e) =>
        new(RouterError.InvalidRequest($"{what} is refused. {e.Message}", e.Member), e);

    internal static RouterException Invalid(string member, string what) =>
        new(RouterError.InvalidRequest($"'{member}' {what}.", member));

    private sealed class RequestSource(RequestMembers members, WireRequest wire) : IRequestSource
    {
        /// <summary>The bytes themselves, for a leaf of the same dialect.</summary>
        public object? For(IChatClient leaf) => leaf.GetService<ProviderDefinition>()?.Dialect == WireDialect.OpenAI ? wire : null;

        public void Fill(ChatOptions typed) => OpenAIOptionsReader.Fill(wire.Body, wire.RouterMembers, wire.Lifted, typed);

        public ChatOptions Sampling() => OpenAISampling.Read(wire);

        public RequestNeeds Needs() => RequestNeedsReader.Read(members);

        public long PromptTokens() => RequestNeedsReader.PromptTokens(members);

        public bool AsksToReason() => RequestNeedsReader.AsksToReason(members);

        public int? MostTokens() => RequestNeedsReader.MostTokens(members);
    }

    private sealed class LazyMessages(ReadOnlyMemory<byte> array) : LazyList<ChatMessage>
    {
        protected override List<ChatMessage> Make() => OpenAIMessageReader.ReadMessages(array);
    }
}

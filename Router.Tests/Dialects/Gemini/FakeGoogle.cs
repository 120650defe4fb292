using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Health;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Providers.Gemini;
using Router.Core.Providers.Gemini.Vertex;
using Router.Core.Routing;

namespace Router.Tests.Dialects.Gemini;

/// <summary>What was sent: taken at once, for the message is gone after the call.</summary>
internal sealed record Sent(Uri Uri, string? ApiKey, string? Authorization, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;
}

/// <summary>A provider of bytes: keeps what it is sent and answers what it is told.</summary>
internal sealed class FakeGoogle : HttpMessageHandler
{
    public const string Hello = """{"candidates":[{"content":{"role":"model","parts":[{"text":"Hello"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},"modelVersion":"gemini-x","responseId":"r1"}""";

    public static string PrivateKey { get; } = NewKey();

    public List<Sent> Requests { get; } = [];

    /// <summary>By default tokens where tokens are asked for and a greeting everywhere else.</summary>
    public Func<Sent, HttpResponseMessage> Answer { get; set; } = DefaultAnswer;

    public Sent Last => Requests[^1];

    public HttpMessageInvoker Invoker => new(this, disposeHandler: false);

    public static HttpResponseMessage DefaultAnswer(Sent sent) =>
        sent.Uri.AbsolutePath.EndsWith("/token", StringComparison.Ordinal) ? Json("""{"access_token":"ya29.one","expires_in":3599,"token_type":"Bearer"}""")
        : sent.Uri.Query.Contains("alt=sse", StringComparison.Ordinal) ? Sse(Encoding.UTF8.GetBytes($"data: {Hello}\n\n"), [7])
        : Json(Hello);

    public static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    /// <summary>A stream that gives its bytes in pieces of the given sizes, round and round.</summary>
    public static HttpResponseMessage Sse(byte[] body, IReadOnlyList<int> sizes)
    {
        var response = new HttpResponseMessage { Content = new StreamContent(new PieceStream(body, sizes)) };
        response.Content.Headers.ContentType = new("text/event-stream");
        return response;
    }

    public static Provider Studio(bool simulated = false) => Of("google-ai-studio", simulated);

    public static Provider Of(string slug, bool simulated = false, Uri? baseUrl = null)
    {
        ProviderTable.TryFind(slug, out ProviderDefinition? definition);
        return new Provider(definition!, baseUrl ?? definition!.BaseUrl, simulated, null);
    }

    public GeminiChatClient Client() => new(Studio(), Invoker, GeminiTraits.Studio, new Secret("AQ.key"));

    public VertexChatClient Vertex(Secret key, TimeProvider? time = null, Uri? baseUrl = null) =>
        new(Of("google-vertex", baseUrl: baseUrl), Invoker, time ?? TimeProvider.System, key);

    public static string Account(string email = "svc@p.iam.gserviceaccount.com", string project = "my-project") => new JsonObject
    {
        ["type"] = "service_account",
        ["project_id"] = project,
        ["private_key_id"] = "k1",
        ["private_key"] = PrivateKey,
        ["client_email"] = email,
        ["token_uri"] = "https://evil.example/token",
    }.ToJsonString();

    public static RouterChatOptions Options(string model = "gemini-3-flash", bool strict = false, CredentialType type = CredentialType.Byok, string key = "AQ.key")
    {
        var workspace = new Workspace("w", "W", WorkspacePolicy.Default, FrozenDictionary<string, ProviderKey>.Empty);
        var request = new RouteRequest { Workspace = workspace, Model = model, Options = RouterOptions.None with { Strict = strict } };
        var secret = new Secret(key);
        var entry = new PlanEntry(0, Studio(), model, new Credential("c", type, "runtime", "print", secret), HealthVerdict.Good);
        return new RouterChatOptions(request)
        {
            ModelId = model,
            Attempt = new Attempt(entry, 1, secret, new AttemptRecord(entry), new AttemptClock(AttemptLimits.Default, DateTimeOffset.MaxValue, TimeProvider.System, CancellationToken.None)),
        };
    }

    /// <summary>The body of a request with these messages and options.</summary>
    public static async Task<JsonNode> BodyAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        using var google = new FakeGoogle();
        using GeminiChatClient client = google.Client();
        await client.GetResponseAsync(messages, options ?? Options(), TestContext.Current.CancellationToken);
        return google.Last.Json;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = new Sent(
            request.RequestUri!,
            request.Headers.TryGetValues("x-goog-api-key", out IEnumerable<string>? keys) ? keys.Single() : null,
            request.Headers.Authorization?.ToString(),
            await request.Content!.ReadAsStringAsync(cancellationToken));
        lock (Requests)
        {
            Requests.Add(sent);
        }

        return Answer(sent);
    }

    private static string NewKey()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportPkcs8PrivateKeyPem();
    }

    private sealed class PieceStream(byte[] body, IReadOnlyList<int> sizes) : MemoryStream(body)
    {
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, sizes[_reads++ % sizes.Count])], cancellationToken);
    }
}

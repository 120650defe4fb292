using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers.Gemini.Vertex;

namespace Router.Tests.Dialects.Gemini;

public sealed class VertexTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, "https://aiplatform.googleapis.com/v1/projects/my-project/locations/global/publishers/google/models/gemini-3-flash:generateContent")]
    [InlineData("eu", "https://aiplatform.eu.rep.googleapis.com/v1/projects/my-project/locations/eu/publishers/google/models/gemini-3-flash:generateContent")]
    [InlineData("europe-west4", "https://europe-west4-aiplatform.googleapis.com/v1/projects/my-project/locations/europe-west4/publishers/google/models/gemini-3-flash:generateContent")]
    public async Task A_location_has_its_host_and_tokens_come_from_Google_whatever_the_key_file_says(string? location, string address)
    {
        using var google = new FakeGoogle();
        string place = location is null ? "" : $",\"location\":\"{location}\"";
        using VertexChatClient client = google.Vertex(new Secret($$"""{"service_account":{{FakeGoogle.Account()}}{{place}}}"""));
        ChatResponse response = await client.GetResponseAsync("Hi", new() { ModelId = "gemini-3-flash" }, Cancel);
        Assert.Equal("Hello", response.Text);
        Assert.Equal(["https://oauth2.googleapis.com/token", address], google.Requests.Select(sent => sent.Uri.AbsoluteUri));
        Assert.Equal(("Bearer ya29.one", null), (google.Last.Authorization, google.Last.ApiKey));
        Assert.DoesNotContain("PRIVATE", string.Concat(google.Requests.Select(sent => sent.Body)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assertion_speaks_for_the_account_to_Google_alone()
    {
        using var google = new FakeGoogle();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
        using VertexChatClient client = google.Vertex(new Secret(FakeGoogle.Account()), time);
        await client.GetResponseAsync("Hi", new() { ModelId = "gemini-3-flash" }, Cancel);
        await client.GetResponseAsync("Hi", new() { ModelId = "gemini-3-flash" }, Cancel);
        Sent exchange = Assert.Single(google.Requests, sent => sent.Uri.AbsolutePath == "/token");
        string assertion = exchange.Body.Split('&').Single(pair => pair.StartsWith("assertion=", StringComparison.Ordinal))["assertion=".Length..];
        string[] parts = Uri.UnescapeDataString(assertion).Split('.');
        Assert.Equal("""{"alg":"RS256","typ":"JWT","kid":"k1"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])));
        using var rsa = RSA.Create();
        rsa.ImportFromPem(FakeGoogle.PrivateKey);
        Assert.True(rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        JsonNode claims = JsonNode.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])))!;
        Assert.Equal("svc@p.iam.gserviceaccount.com", (string?)claims["iss"]);
        Assert.Equal("https://oauth2.googleapis.com/token", (string?)claims["aud"]);
        Assert.Equal("https://www.googleapis.com/auth/cloud-platform", (string?)claims["scope"]);
        Assert.Equal(time.GetUtcNow().ToUnixTimeSeconds(), (long)claims["iat"]!, 1.0);
        Assert.InRange((long)claims["exp"]! - (long)claims["iat"]!, 1, 3600);
    }

    [Theory]
    [InlineData("AQ.express")]
    [InlineData("""{"api_key":"AQ.express"}""")]
    public async Task An_API_key_serves_Googles_models_and_no_others(string key)
    {
        using var google = new FakeGoogle();
        using VertexChatClient client = google.Vertex(new Secret(key));
        await client.GetResponseAsync("Hi", new() { ModelId = "gemini-3-flash" }, Cancel);
        Assert.Equal(("https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-3-flash:generateContent", "AQ.express"), (google.Last.Uri.AbsoluteUri, google.Last.ApiKey));
        foreach (string model in (string[])["claude-opus-5-5", "meta/llama-4"])
        {
            Assert.Equal(FailureClass.ModelAccess, (await Assert.ThrowsAsync<ProviderException>(() => client.GetResponseAsync("Hi", new() { ModelId = model }, Cancel))).Failure);
        }

        Assert.Single(google.Requests);
    }

    [Fact]
    public async Task An_open_model_is_called_in_OpenAIs_dialect_with_the_token()
    {
        using var google = new FakeGoogle { Answer = sent => sent.Uri.AbsolutePath == "/token" ? FakeGoogle.DefaultAnswer(sent) : FakeGoogle.Json("""{"id":"x","model":"llama","choices":[{"index":0,"message":{"role":"assistant","content":"Hey"},"finish_reason":"stop"}]}""") };
        using VertexChatClient client = google.Vertex(new Secret(FakeGoogle.Account()));
        ChatResponse response = await client.GetResponseAsync("Hi", new() { ModelId = "meta/llama-4" }, Cancel);
        Assert.Equal("Hey", response.Text);
        Assert.Equal("https://aiplatform.googleapis.com/v1/projects/my-project/locations/global/endpoints/openapi/chat/completions", google.Last.Uri.AbsoluteUri);
        Assert.Equal(("Bearer ya29.one", "meta/llama-4"), (google.Last.Authorization, (string?)google.Last.Json["model"]));
    }

    [Theory]
    [InlineData(false, "rawPredict")]
    [InlineData(true, "streamRawPredict")]
    public async Task A_request_for_Claude_has_its_model_in_the_address(bool stream, string method)
    {
        using var google = new FakeGoogle { Answer = sent => sent.Uri.AbsolutePath == "/token" ? FakeGoogle.DefaultAnswer(sent) : FakeGoogle.Json("{}", HttpStatusCode.ServiceUnavailable) };
        using VertexChatClient client = google.Vertex(new Secret(FakeGoogle.Account()));
        var options = new ChatOptions { ModelId = "claude-x@1", MaxOutputTokens = 5 };
        await Assert.ThrowsAsync<ProviderException>(() => stream ? client.GetStreamingResponseAsync("Hi", options, Cancel).ToChatResponseAsync(Cancel) : client.GetResponseAsync("Hi", options, Cancel));
        Assert.Equal($"https://aiplatform.googleapis.com/v1/projects/my-project/locations/global/publishers/anthropic/models/claude-x@1:{method}", google.Last.Uri.AbsoluteUri);
        Assert.Equal("Bearer ya29.one", google.Last.Authorization);
        Assert.Null(google.Last.Json["model"]);
        Assert.Equal(("vertex-2023-10-16", 5, stream), ((string?)google.Last.Json["anthropic_version"], (int)google.Last.Json["max_tokens"]!, (bool?)google.Last.Json["stream"] ?? false));
    }

    [Fact]
    public async Task A_kept_token_that_is_refused_is_made_anew_by_the_next_attempt()
    {
        bool refuse = false;
        using var google = new FakeGoogle();
        google.Answer = sent => refuse && sent.Uri.AbsolutePath != "/token" ? FakeGoogle.Json("""{"error":{"code":401,"status":"UNAUTHENTICATED","message":"x"}}""", HttpStatusCode.Unauthorized) : FakeGoogle.DefaultAnswer(sent);
        using VertexChatClient client = google.Vertex(new Secret(FakeGoogle.Account()));
        var options = new ChatOptions { ModelId = "gemini-3-flash" };
        await client.GetResponseAsync("Hi", options, Cancel);
        refuse = true;
        Assert.Equal(FailureClass.Transient, (await Assert.ThrowsAsync<ProviderException>(() => client.GetResponseAsync("Hi", options, Cancel))).Failure);
        Assert.Equal(FailureClass.Credential, (await Assert.ThrowsAsync<ProviderException>(() => client.GetResponseAsync("Hi", options, Cancel))).Failure);
        Assert.Equal(2, google.Requests.Count(sent => sent.Uri.AbsolutePath == "/token"));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, """{"error":"invalid_grant","error_description":"Invalid JWT Signature."}""", FailureClass.Credential)]
    [InlineData(HttpStatusCode.ServiceUnavailable, "down", FailureClass.Transient)]
    public async Task A_refused_account_is_a_dead_key_and_a_silent_endpoint_is_not(HttpStatusCode status, string body, FailureClass expected)
    {
        using var google = new FakeGoogle { Answer = _ => FakeGoogle.Json(body, status) };
        using VertexChatClient client = google.Vertex(new Secret(FakeGoogle.Account()));
        ProviderException failure = await Assert.ThrowsAsync<ProviderException>(() => client.GetResponseAsync("Hi", new() { ModelId = "gemini-3-flash" }, Cancel));
        Assert.Equal(expected, failure.Failure);
        Assert.Single(google.Requests);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"type":"external_account","client_email":"a","private_key":"b","project_id":"p"}""")]
    [InlineData("""{"client_email":"a","private_key":"b","project_id":"../x"}""")]
    [InlineData("""{"service_account":{"client_email":"a","private_key":"b","project_id":"p"},"location":"evil.example/"}""")]
    [InlineData("""{"service_account":"{","project_id":"p"}""")]
    public void What_is_no_key_is_refused_without_a_word_of_it(string text)
    {
        ProviderException failure = Assert.Throws<ProviderException>(() => VertexCredential.Parse(new Secret(text)));
        Assert.Equal(FailureClass.Credential, failure.Failure);
        Assert.DoesNotContain("evil", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nope")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"access_token":""}""")]
    [InlineData("""{"access_token":"\ud800"}""")]
    [InlineData("""{"access_token":7,"expires_in":"soon"}""")]
    public async Task An_answer_without_a_token_says_nothing_of_the_key(string body)
    {
        using var google = new FakeGoogle { Answer = _ => FakeGoogle.Json(body) };
        using VertexChatClient client = google.Vertex(new Secret(FakeGoogle.Account()));
        ProviderException failure = await Assert.ThrowsAsync<ProviderException>(() => client.GetResponseAsync("Hi", new() { ModelId = "gemini-3-flash" }, Cancel));
        Assert.Equal(FailureClass.Transient, failure.Failure);
        Assert.Single(google.Requests);
    }

    [Theory]
    [InlineData("nope")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nnope\n-----END PRIVATE KEY-----")]
    [InlineData("public")]
    [InlineData("elliptic")]
    [InlineData("long")]
    public async Task A_key_file_with_a_broken_key_is_a_dead_key(string pem)
    {
        using var google = new FakeGoogle();
        using var rsa = RSA.Create(2048);
        using var elliptic = ECDsa.Create();
        string privateKey = pem switch
        {
            "public" => rsa.ExportSubjectPublicKeyInfoPem(),
            "elliptic" => elliptic.ExportPkcs8PrivateKeyPem(),
            // The form of a key of 16384 bits; it is never read.
            "long" => $"-----BEGIN PRIVATE KEY-----\n{Convert.ToBase64String(new byte[9_300])}\n-----END PRIVATE KEY-----",
            _ => pem,
        };
        string account = new JsonObject { ["client_email"] = "a@b", ["private_key"] = privateKey, ["project_id"] = "p" }.ToJsonString();
        using VertexChatClient client = google.Vertex(new Secret(account));
        ProviderException failure = await Assert.ThrowsAsync<ProviderException>(() => client.GetResponseAsync("Hi", new() { ModelId = "gemini-3-flash" }, Cancel));
        Assert.Equal(FailureClass.Credential, failure.Failure);
        Assert.Empty(google.Requests);
    }

    [Fact]
    public void What_stands_beside_the_operators_key_completes_it()
    {
        var credential = VertexCredential.Parse(new Secret(VertexCredential.Complete(FakeGoogle.Account(), "other-project", "us-east5")));
        Assert.Equal(("other-project", "us-east5"), (credential.Project, credential.Location));
        credential = VertexCredential.Parse(new Secret(VertexCredential.Complete($$"""{"service_account":{{FakeGoogle.Account()}},"location":"eu"}""", null, "us-east5")));
        Assert.Equal(("my-project", "eu"), (credential.Project, credential.Location));
        Assert.Equal("AQ.x", VertexCredential.Complete(" AQ.x ", "p", "l"));
    }

    [Theory]
    [InlineData("gemini-3-flash", "Google", "gemini-3-flash")]
    [InlineData("google/gemini-3-flash", "Google", "gemini-3-flash")]
    [InlineData("claude-opus-4-1@20250805", "Anthropic", "claude-opus-4-1@20250805")]
    [InlineData("meta/llama-4", "Open", "meta/llama-4")]
    [InlineData("../x", null, null)]
    [InlineData("claude-x:rawPredict", null, null)]
    [InlineData("a/b/c", null, null)]
    public void A_models_name_says_whose_it_is(string name, string? publisher, string? id)
    {
        if (publisher is null)
        {
            Assert.Throws<RouterException>(() => VertexModel.Of(name));
            return;
        }

        VertexModel model = VertexModel.Of(name);
        Assert.Equal((publisher, id), (model.Publisher.ToString(), model.Id));
    }
}

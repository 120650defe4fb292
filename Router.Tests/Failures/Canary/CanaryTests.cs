using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Router.Core.Chat;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Tests.Dialects.Gemini;
using Router.Tests.Support;

namespace Router.Tests.Failures.Canary;

/// <summary>
/// A hostile provider plants keys in every member of its answers, in every encoding; nothing of them is found in what callers get, in logs
/// of any level, spans, metrics and receipts. <c>ROUTER_CANARY_ANSWERS</c> sets how many answers are tried.
/// </summary>
[Collection(nameof(CanaryTests))]
[CollectionDefinition(nameof(CanaryTests), DisableParallelization = true)]
public sealed partial class CanaryTests
{
    private const int Seed = 20;

    /// <summary>The random part of keys: of the workspace's, saved or in the request, of the operator's, and of a token made from an account.</summary>
    private const string Own = "Q7fK2mZx9LpW4tVb8RcY";
    private const string Operators = "nH3sD6gJ5vXk1BqM0yTe";
    private const string Token = "uE8oP4aC7iNw2RzF6hLs";

    private static readonly string[] Statuses = ["400", "401", "402", "403", "404", "408", "409", "413", "422", "429", "500", "503", "302", "418"];

    /// <summary>One for each dialect and leaf, and for the vendors whose errors differ.</summary>
    private static readonly string[] Models =
    [
        "openai/gpt-4o", "groq/openai/gpt-oss-120b", "mistral/mistral-large-latest", "xai/grok-4", "anthropic/claude-sonnet-4-5",
        "google-ai-studio/gemini-2.5-flash", "google-vertex/gemini-2.5-flash", "google-vertex/claude-sonnet-4-5@20250929", "google-vertex/meta/llama-4-maverick-17b-128e-instruct-maas",
    ];

    /// <summary>Here the operator's key serves, unless the request brings one.</summary>
    private static readonly string[] WithoutSaved = ["mistral", "xai"];

    private static readonly string[] Prefixes = ["sk-", "sk-proj-", "sk-ant-api03-", "gsk_", "xai-", "AIzaSy", "AQ.", "csk-", "mine-", ""];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_planted_key_leaves_the_process()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("ROUTER_CANARY_ANSWERS") ?? "2000", CultureInfo.InvariantCulture);
        using var sinks = new Sinks(new Detector(Own, Operators, Token));
        var provider = new HostileProvider();
        await using ApiHost host = await ApiHost.StartAsync("http://127.0.0.1:9", sinks, null, Workspace(), services =>
        {
            services.AddSingleton(new ProviderHttp(provider));
            services.AddSingleton<IRequestObserver>(sinks);
        }, [("Router:Fallback:LongestWait", "00:00:00"), .. ProviderTable.All.Select(one => ($"Router:Providers:{one.Slug}:ApiKey", $"sk-{Operators}"))]);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (number, cancel) =>
        {
            Case one = Case.Of(number);
            provider.Cases[number] = one;
            using HttpResponseMessage response = await host.Client.PostAsync("/v1/chat/completions", new StringContent(one.Request, Encoding.UTF8, "application/json"), cancel);
            string body = await response.Content.ReadAsStringAsync(cancel);
            provider.Cases.TryRemove(number, out _);
            string where = $"an answer to {number}, {one}";
            sinks.Search(where, $"{response.Headers} {response.ReasonPhrase}");
            sinks.Search(where, one.Answer.Content ? Ours(body) : body);
        });

        Assert.True(sinks.Found.IsEmpty, $"{sinks.Found.Count} found. {string.Join('\n', sinks.Found.Take(5))}");
        (int logs, int spans, int measurements, int receipts) = sinks.Seen;
        // Not every case is logged, or comes to an attempt.
        Assert.True(Math.Min(Math.Min(logs, spans), Math.Min(measurements, receipts)) >= count / 2, $"{sinks.Seen}");
        Assert.True(provider.Planted >= count, $"{provider.Planted} answers were given.");
    }

    [Fact]
    public void The_detector_finds_every_form_of_a_key()
    {
        var detector = new Detector(Own);
        foreach ((string name, Func<string, string> encode) in Encodings.All)
        {
            string planted = encode($"sk-{Own}");
            bool twice = name is "base64 of base64" or "base64 of UTF-16" or "base64 of percent";
            Assert.True(twice || detector.Find($"before {planted} after") is not null, name);
            Assert.True(twice || detector.Find(JsonSerializer.Serialize(planted)) is not null, name);
        }

        Assert.Null(detector.Find("The provider refused the request without saying why."));
    }

    /// <summary>What of a good answer is the router's own.</summary>
    private static string Ours(string body) => string.Join('\n', Metadata().Matches(body).Select(match => match.Value));

    [GeneratedRegex("\"metadata\":.*")]
    private static partial Regex Metadata();

    private static Workspace Workspace() => Pipeline.Workspace(null) with
    {
        ProviderKeys = ProviderTable.All.Where(one => !WithoutSaved.Contains(one.Slug)).ToFrozenDictionary(one => one.Slug, one => new ProviderKey(
            Guid.NewGuid(), "default", one.Slug, 1, new Secret(one.ServiceAccounts ? FakeGoogle.Account() : $"sk-{Own}"), "", "print", CredentialStatus.Valid, null)),
    };

    private sealed record Case(int Number, PlantedAnswer Answer, string Encoding, string Planted, int Status, string Request)
    {
        public static Case Of(int number)
        {
            var random = new Random((Seed * 1_000_003) + number);
            string model = Models[random.Next(Models.Length)];
            (string encoding, Func<string, string> encode) = Encodings.All[number % Encodings.All.Count];
            // Over all numbers each answer meets each encoding.
            PlantedAnswer answer = PlantedAnswers.All[number / Encodings.All.Count % PlantedAnswers.All.Count];
            string own = Prefixes[random.Next(Prefixes.Length)] + Own;
            var body = new JsonObject
            {
                ["model"] = model,
                ["stream"] = answer.Type == "text/event-stream" || random.Next(2) == 0,
                ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"case {number}." }),
            };
            string slug = model[..model.IndexOf('/', StringComparison.Ordinal)];
            // The keys a provider may know: what it is sent, was sent for this workspace, or for others by the operator.
            List<string> known = [$"sk-{Operators}"];
            bool vertex = slug == "google-vertex";
            int source = random.Next(4);
            bool account = vertex && (source < 2 || !model.Contains("gemini", StringComparison.Ordinal));
            if (source > 0)
            {
                body["provider_credentials"] = new JsonObject
                {
                    [slug] = account ? new JsonObject { ["service_account"] = JsonNode.Parse(FakeGoogle.Account()) } : new JsonObject { ["api_key"] = own },
                };
            }

            if (account || source > 0)
            {
                known.Add(account ? $"ya29.{Token}" : own);
            }

            if (!vertex && !WithoutSaved.Contains(slug))
            {
                known.Add($"sk-{Own}");
            }

            string planted = encode(known[random.Next(known.Count)]);
            return new Case(number, answer, encoding, planted, int.Parse(Statuses[random.Next(Statuses.Length)], CultureInfo.InvariantCulture), body.ToJsonString());
        }

        public override string ToString() => $"{Encoding} in {Answer.Name} ({Status}) to {Request}";
    }

    private sealed partial class HostileProvider : HttpMessageHandler
    {
        private int _planted;

        public System.Collections.Concurrent.ConcurrentDictionary<int, Case> Cases { get; } = [];

        public int Planted => _planted;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath == "/token")
            {
                return FakeGoogle.Json($$"""{"access_token":"ya29.{{Token}}","expires_in":3599,"token_type":"Bearer"}""");
            }

            using var body = new MemoryStream();
            await request.Content!.CopyToAsync(body, cancellationToken);
            int number = int.Parse(Number().Match(Encoding.UTF8.GetString(body.ToArray())).Groups[1].Value, CultureInfo.InvariantCulture);
            Case one = Cases[number];
            Interlocked.Increment(ref _planted);
            return one.Answer.Create(one.Status, one.Planted);
        }

        [GeneratedRegex(@"case (\d+)\.")]
        private static partial Regex Number();
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Core.Providers;
using Router.Tests.Dialects.Gemini;
using Router.Tests.Support;

namespace Router.Tests.Keys;

/// <summary>What people paste as a key, at every way in: a saved key, a key in a request, the operator's settings.</summary>
public sealed class KeyTextTests(PostgresFixture postgres, Pipeline pipeline) : IClassFixture<Pipeline>
{
    private const string Body = "Zz9x8w7v6u5t";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Pastes that are no key, and a word of what is said of each.</summary>
    public static TheoryData<string, string> Pastes => new()
    {
        { $"\"sk-{Body}\"", "quotation" },
        { $"'sk-{Body}'", "quotation" },
        { $"sk-{Body}\"", "quotation" },
        { $"`sk-{Body}`", "quotation" },
        { $"\u201Csk-{Body}\u201D", "quotation" },
        { $"\u2018sk-{Body}\u2019", "quotation" },
        { $"sk\u2013{Body}", "dash" },
        { $"sk\u2014{Body}", "dash" },
        { $"sk\u2010{Body}", "dash" },
        { $"sk\u2011{Body}", "dash" },
        { $"sk\u2212{Body}", "dash" },
        { $"sk-{Body} abc", "space" },
        { $"sk-{Body}\u00A0abc", "space" },
        { $"sk-{Body}\nabc", "line break" },
        { $"sk-{Body}\r\nsk-{Body}", "line break" },
        { $"sk-{Body}\tabc", "control" },
        { $"sk-{Body}\u0000abc", "control" },
        { $"sk-{Body}\u007Fabc", "control" },
        { $"sk-{Body}\u0085abc", "control" },
        { $"sk-\u200B{Body}", "invisible" },
        { $"\uFEFFsk-{Body}", "invisible" },
        { $"sk-\u202E{Body}", "invisible" },
        { $"sk-{Body}\u00E9", "no API key" },
        { $"s\u043A-{Body}", "no API key" },
        { $"sk-{Body}\U0001F511", "no API key" },
        { $"Bearer sk-{Body}", "Bearer" },
        { $"bearer  sk-{Body}", "Bearer" },
        { $"Authorization: Bearer sk-{Body}", "Bearer" },
        { $"x-api-key: sk-{Body}", "Bearer" },
        { $"OPENAI_API_KEY=sk-{Body}", "equals" },
        { $"OPENAI_API_KEY=\"sk-{Body}\"", "equals" },
        { $"export OPENAI_API_KEY=sk-{Body}", "equals" },
        { $"$env:OPENAI_API_KEY = 'sk-{Body}'", "equals" },
        { $"apiKey=sk-{Body}", "equals" },
        { $"--api-key=sk-{Body}", "equals" },
        { $"DEEP_INFRA=sk-{Body}", "equals" },
        { $"{{\"api_key\":\"sk-{Body}\"}}", "JSON" },
        { $"https://api.example.com/?k={Body}", "address" },
        { $"./secrets/{Body}.txt", "path" },
        { $"sk-{Body},", "comma" },
        { "sk-...Zz9x", "shortened" },
        { "sk-****Zz9x", "shortened" },
        { "sk-\u2026Zz9x", "shortened" },
        { "<your-api-key-Zz9x>", "placeholder" },
        { "${OPENAI_API_KEY}", "placeholder" },
        { "%OPENAI_API_KEY%", "placeholder" },
        { "", "empty" },
        { "  \r\n ", "empty" },
    };

    [Theory]
    [MemberData(nameof(Pastes))]
    public void A_paste_that_is_no_key_is_named_wherever_it_comes_in(string paste, string said)
    {
        // In a request.
        RouterException refused = Assert.Throws<RouterException>(() => pipeline.Request(Chat($$"""{"openai":{"api_key":{{JsonSerializer.Serialize(paste)}} } }""")));
        Assert.Equal((400, "provider_credentials.openai.api_key"), (refused.Error.Status, refused.Error.Param));
        AssertSaid(said, refused.Error.Message);

        // As the operator's, unless it is as good as absent.
        if (paste.Trim().Length > 0)
        {
            foreach (var (slug, setting) in new[] { ("openai", "OPENAI_API_KEY"), ("cerebras", "Router:Providers:cerebras:ApiKey"), ("mine", "Router:Providers:mine:ApiKey"), ("google-vertex", "GOOGLE_VERTEX_API_KEY") })
            {
                if (slug == "google-vertex" && said == "JSON")
                    continue;
                var provider = Registry((setting, paste), ("Router:Providers:mine:BaseUrl", "http://127.0.0.1:9/v1"), ("Router:Simulator:BaseUrl", "http://127.0.0.1:9")).All.Single(one => one.Slug == slug);
                Assert.Null(provider.SystemCredential);
                Assert.False(provider.Simulated);
                Assert.Equal(setting, provider.SystemKeyProblem!.Setting);
                AssertSaid(said, provider.SystemKeyProblem.ToString());
            }
        }
    }

    [Fact]
    public async Task A_paste_that_is_no_key_is_not_saved_nor_sent_to_a_provider()
    {
        await using var database = await postgres.CreateDatabaseAsync(Token);
        await using var host = await ControlPlaneHost.StartAsync(database, Token);
        using var client = host.Client();
        foreach (var (paste, said) in Pastes.Select(row => row.Data))
        {
            using var response = await client.PutAsJsonAsync("/api/workspaces/default/provider-keys/openai", new { api_key = paste }, Token);
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
            Assert.Equal((HttpStatusCode.BadRequest, "api_key"), (response.StatusCode, problem.GetProperty("param").GetString()));
            AssertSaid(said, problem.GetProperty("detail").GetString()!);
        }

        Assert.Empty(host.Checked);
    }

    [Theory]
    [InlineData("sk-proj-Ab1_Cd2-Ef3T3BlbkFJGh4")]
    [InlineData("sk-ant-api03-Ab1_Cd2-Ef3AA")]
    [InlineData("AIzaSyAb1_Cd2-Ef3")]
    [InlineData("gsk_Ab1Cd2Ef3key")]
    [InlineData("xai-Ab1Cd2Ef3token")]
    [InlineData("fw_3ZAb1Cd2")]
    [InlineData("c2VjcmV0LWtleS1vZi1hLXByb3ZpZGVy==")]
    [InlineData("dG9rZW5rZXk=")]
    [InlineData("/9j+Ab1/Cd2/Ef3==")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln")]
    [InlineData("my-key-id:my-secret")]
    [InlineData("none")]
    [InlineData("  sk-around-it-white-space \r\n")]
    public void A_key_of_any_vendors_making_is_one(string key)
    {
        var secret = pipeline.Request(Chat($$"""{"openai":{"api_key":{{JsonSerializer.Serialize(key)}} } }"""))
            .Options.Request.Options.Credentials["openai"].Key;
        Assert.Equal(key.Trim(), secret.Reveal());
        Assert.Equal(key.Trim(), Registry(("OPENAI_API_KEY", key)).All.Single(one => one.Slug == "openai").SystemCredential!.Secret!.Reveal());
    }

    [Fact]
    public void Only_what_a_header_can_carry_is_ever_found_good()
    {
        for (int character = 1; character <= char.MaxValue; character++)
        {
            string text = $"sk-a{(char)character}b{Body}";
            if (KeyText.Problem(text.Trim()) is null)
            {
                Assert.True(KeyText.IsSendable(text), $"U+{character:X4} passes");
            }
        }
    }

    public static TheoryData<string, string, string> Accounts => new()
    {
        { """{"client_email":"a@b.example","private_key":"RSA"}""", "", "project_id" },
        { """{"client_email":"a@b.example","private_key":"no pem","project_id":"p1"}""", "", "private_key" },
        { """{"client_email":"a@b.example","private_key":"-----BEGIN PRIVATE KEY-----\nbm9uc2Vuc2U=\n-----END PRIVATE KEY-----\n","project_id":"p1"}""", "", "private_key" },
        { """{"client_email":"a@b.example","private_key":"PUBLIC","project_id":"p1"}""", "", "private_key" },
        { """{"client_email":"a@b.example","private_key":"EC","project_id":"p1"}""", "", "private_key" },
        { """{"client_email":"a@b.example","private_key":"ESCAPED","project_id":"p1"}""", "", "backslash" },
        { """{"client_email":"a b","private_key":"RSA","project_id":"p1"}""", "", "client_email" },
        { """{"type":"authorized_user","client_email":"a@b.example","private_key":"RSA","project_id":"p1"}""", "", "another kind" },
        { """{"client_email":"a@b.example","private_key":"RSA","project_id":"p1"}""", ",\"location\":\"../evil\"", "location" },
        { """{"client_email":"a@b.example","private_key":"RSA","project_id":"p1"}""", ",\"project_id\":\"a/b\"", "project_id" },
    };

    [Theory]
    [MemberData(nameof(Accounts))]
    public void A_service_account_that_cannot_sign_is_named_before_anything_is_sent(string account, string around, string said)
    {
        string file = account.Replace("\"RSA\"", JsonSerializer.Serialize(FakeGoogle.PrivateKey), StringComparison.Ordinal)
            .Replace("\"ESCAPED\"", JsonSerializer.Serialize(FakeGoogle.PrivateKey.Replace("\n", "\\n", StringComparison.Ordinal)), StringComparison.Ordinal)
            .Replace("\"PUBLIC\"", JsonSerializer.Serialize(Public()), StringComparison.Ordinal)
            .Replace("\"EC\"", JsonSerializer.Serialize(Elliptic()), StringComparison.Ordinal);
        RouterException refused = Assert.Throws<RouterException>(() => pipeline.Request(Chat($$"""{"google-vertex":{"service_account":{{file}} {{around}} } }""")));
        Assert.Equal(400, refused.Error.Status);
        Assert.StartsWith("provider_credentials.google-vertex.", refused.Error.Param, StringComparison.Ordinal);
        AssertSaid(said, refused.Error.Message);
        if (around.Length == 0)
        {
            var provider = Registry(("GOOGLE_VERTEX_SERVICE_ACCOUNT", file)).All.Single(one => one.Slug == "google-vertex");
            Assert.Null(provider.SystemCredential);
            AssertSaid(said, provider.SystemKeyProblem!.ToString());
        }
    }

    [Fact]
    public void A_service_account_as_it_was_downloaded_is_good_everywhere()
    {
        string file = JsonSerializer.Serialize(new { type = "service_account", client_email = "a@b.example", private_key = FakeGoogle.PrivateKey, project_id = "p1" });
        Assert.NotNull(pipeline.Request(Chat($$"""{"google-vertex":{"service_account":{{file}} } }"""))
            .Options.Request.Options.Credentials["google-vertex"]);
        Assert.NotNull(Registry(("GOOGLE_VERTEX_SERVICE_ACCOUNT", file)).All.Single(one => one.Slug == "google-vertex").SystemCredential);
    }

    private static string Chat(string credentials) => """{"model":"openai/a","messages":[{"role":"user","content":"Hi"}],"provider_credentials":""" + credentials + "}";

    private static void AssertSaid(string said, string message)
    {
        Assert.Contains(said, message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Body, message, StringComparison.Ordinal);
        Assert.DoesNotContain("Zz9x", message, StringComparison.Ordinal);
    }

    private static ProviderRegistry Registry(params (string Key, string Value)[] settings) => new(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))).Build(), new KeyFingerprint(TestKeys.Ring()));

    private static string Public()
    {
        using var rsa = RSA.Create(2048);
        return rsa.ExportSubjectPublicKeyInfoPem();
    }

    private static string Elliptic()
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return ec.ExportPkcs8PrivateKeyPem();
    }
}

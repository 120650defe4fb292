using System.Net;
using System.Text;
using Router.Core.Failures;
using Router.Core.Providers;
using Router.Core.Providers.Anthropic;
using Router.Core.Providers.Gemini;
using Router.Core.Providers.OpenAI;

namespace Router.Tests.Failures;

/// <summary>The tables of errors against what vendors really sent.</summary>
public sealed class ErrorTableTests
{
    public static TheoryData<int, string> Numbers() =>
        [.. VendorErrors.All.Select((error, i) => new TheoryDataRow<int, string>(i, $"{error.Provider} {error.Status} {error.Source}"))];

    public static IEnumerable<ErrorRule> AllRules() =>
        [.. OpenAIErrorRules.Rules, .. AnthropicErrorRules.Rules, .. GeminiErrorRules.Rules, .. ProviderTable.All.SelectMany(provider => provider.ErrorRules)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_vendors_error_has_the_class_it_means(int number, string name)
    {
        VendorError error = VendorErrors.All[number];
        ProviderException failure = Classify(error.Provider, error.Status, error.Body);
        Assert.True((error.Expected, error.ByWording, error.OfRequest) == (failure.Failure, failure.ByWording, failure.OfRequest), $"{name}: {failure.Failure}, by wording {failure.ByWording}, of the request {failure.OfRequest}");
        Assert.Equal(error.Status, failure.Status);
    }

    [Fact]
    public void No_sentence_decides_without_a_status() =>
        Assert.All(AllRules().Where(rule => rule.ByWording), rule => Assert.InRange(rule.Status, 400, 499));

    [Theory]
    [InlineData("openai", """{"error":{"message":"SAID","type":"invalid_request_error","param":null,"code":null}}""")]
    [InlineData("groq", """{"error":{"message":"SAID","type":"invalid_request_error"}}""")]
    [InlineData("xai", """{"code":"Client specified an invalid argument","error":"SAID"}""")]
    [InlineData("mistral", """{"object":"error","message":"SAID","type":"invalid_request_error","param":null,"code":"1000"}""")]
    [InlineData("anthropic", """{"type":"error","error":{"type":"invalid_request_error","message":"SAID"}}""")]
    [InlineData("google-ai-studio", """{"error":{"code":400,"message":"SAID","status":"INVALID_ARGUMENT"}}""")]
    public void What_a_caller_has_quoted_never_speaks_against_a_key(string provider, string body)
    {
        foreach (ErrorRule rule in AllRules().Where(rule => rule.ByWording && rule.Status == 400))
        {
            string quoted = $"Invalid value at 'messages[0].role', '{rule.Text.Trim('*').Replace("\n", " ", StringComparison.Ordinal)}' is none";
            ProviderException failure = Classify(provider, 400, body.Replace("SAID", quoted.Replace("\"", "'", StringComparison.Ordinal), StringComparison.Ordinal));
            Assert.True(FailureConsequences.OnKey(failure.Failure) == KeyEffect.None || failure.ByWording, quoted);
            Assert.True(failure.Failure != FailureClass.Credential, $"{quoted} became {failure.Failure}");
        }
    }

    [Fact]
    public void An_event_without_a_status_is_never_told_by_its_words()
    {
        foreach (ErrorRule rule in OpenAIErrorRules.Rules.Where(rule => rule.ByWording))
        {
            var error = new OpenAIErrorBody(rule.Text.Replace("*", "x", StringComparison.Ordinal), "", "", null, null, null);
            Assert.Equal(new ErrorVerdict(FailureClass.Transient), OpenAIErrorRules.ClassifyEvent(error, ProviderTable.All[0]));
        }
    }

    [Fact]
    public void Every_class_has_one_row_of_consequences_and_a_name_of_its_own()
    {
        FailureClass[] all = Enum.GetValues<FailureClass>();
        Assert.Equal(all.Length, all.Select(FailureConsequences.Code).Distinct().Count());
        Assert.All(all, failure => Assert.Equal(failure, FailureConsequences.Parse(FailureConsequences.Code(failure))));
    }

    [Fact]
    public void A_missing_scope_is_named()
    {
        ProviderException failure = Classify("openai", 401, """{"error":{"message":"You have insufficient permissions for this operation. Missing scopes: model.request. Check your role.","type":"invalid_request_error","param":null,"code":"missing_scope"}}""");
        Assert.Contains("model.request", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_models_slip_keeps_what_the_model_had_made()
    {
        ProviderException failure = Classify("groq", 400, """{"error":{"message":"Tool choice is required, but model did not call a tool","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"maybe"}}""");
        Assert.Contains("\"failed_generation\":\"maybe\"", Encoding.UTF8.GetString(failure.UpstreamError!.Raw!.Value.Span), StringComparison.Ordinal);
        Assert.DoesNotContain("overloaded", failure.Message, StringComparison.Ordinal);
    }

    private static ProviderException Classify(string slug, int status, string body)
    {
        ProviderDefinition provider = ProviderTable.All.Single(provider => provider.Slug == slug);
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        return Dialect.Of(provider.Dialect).Classify(response, Encoding.UTF8.GetBytes(body), provider, null);
    }
}

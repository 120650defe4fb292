using System.Text;
using Router.Core.Failures;
using Router.Core.Keys;
using Router.Tests.Failures.Canary;

namespace Router.Tests.Failures;

public sealed class ProviderWordsTests
{
    private static readonly Secret Key = new("mine-Q7fK2mZx9LpW4tVb8RcY");

    public static TheoryData<string> Ways => [.. Encodings.All.Select(way => way.Name)];

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_key_is_found_in_every_encoding_and_the_sentence_around_it_stays(string way)
    {
        string planted = Encodings.All.Single(one => one.Name == way).Encode(Key.Reveal());
        Assert.True(ProviderWords.Hides(planted, Key));
        string shown = ProviderWords.Sentence($"Before \"{planted}\" after", Key);
        Assert.False(ProviderWords.Hides(shown, Key));
        Assert.True(shown == ProviderWords.Withheld || (shown.StartsWith("Before ", StringComparison.Ordinal) && shown.Contains("***", StringComparison.Ordinal) && shown.EndsWith(" after", StringComparison.Ordinal)), shown);
        Assert.Null(ProviderWords.Token(planted, Key));
        Assert.Null(ProviderWords.Name(planted, Key));
    }

    [Theory]
    [InlineData("sk-proj-abcdefghij0123456789")]
    [InlineData("gsk_abcdefghij0123456789")]
    [InlineData("xai-abcdefghij0123456789")]
    [InlineData("AIzaSyA0123456789abcdefghijklmnopqrstuv")]
    [InlineData("AQ.Ab8RN6Labcdefghijkl")]
    [InlineData("ya29.a0AfH6SMabcdefghijkl")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhQGIifQ.c2lnbmF0dXJl")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----")]
    [InlineData("{\"type\":\"service_account\",\"private_key_id\":\"0123456789abcdef\"}")]
    [InlineData("Authorization: Bearer abcdefghij0123456789")]
    public void What_looks_like_a_key_is_taken_for_one_whoevers_it_is(string text)
    {
        foreach (string said in (string[])[text, $"({text})", Encodings.Base64(text), Uri.EscapeDataString(text), $"x{Encodings.Base64("a: " + text)}"])
        {
            Assert.True(ProviderWords.Hides(said), said);
            Assert.False(ProviderWords.Hides(ProviderWords.Sentence($"It is {said} here")));
        }
    }

    [Theory]
    [InlineData("This model's maximum context length is 8192 tokens. However, your messages resulted in 10023 tokens. Please reduce the length of the messages.")]
    [InlineData("Invalid value: 'sk'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.")]
    [InlineData("Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/my-project-1234/locations/us-east4/publishers/google/models/gemini-2.5-pro' (or it may not exist).")]
    [InlineData("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead. See https://platform.openai.com/docs/guides/error-codes#api-errors (request 0194c5a2-7f3e-7d2a-9b1c-2f3a4b5c6d7e).")]
    [InlineData("messages.3.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")]
    [InlineData("Ungültiger Wert für «température» — 温度は2以下です 🙂 %20 &amp; \\n")]
    public void An_honest_sentence_stays_as_it_is(string text)
    {
        foreach (Secret key in (Secret[])[Key, new("sk-proj-Zk3v9qLw8sYt2nBx5mJc7hGd4fRa1pEo"), new(Dialects.Gemini.FakeGoogle.Account(project: "my-project-1234")), new("sim-good-system"), new("sim-ratelimited-30")])
        {
            Assert.Same(text, ProviderWords.Sentence(text, key));
        }
    }

    [Theory]
    [InlineData("context_length_exceeded")]
    [InlineData("messages[0].content[1].image_url")]
    [InlineData("3505")]
    [InlineData("req_011CSHoEeqs5C35K2UUqR7Fy")]
    [InlineData("0194c5a2-7f3e-7d2a-9b1c-2f3a4b5c6d7e")]
    public void A_word_of_a_documented_shape_passes(string word) => Assert.Equal(word, ProviderWords.Token(word, Key));

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("line\nbreak")]
    [InlineData("a/b")]
    [InlineData("é")]
    public void A_word_of_another_shape_does_not(string word) => Assert.Null(ProviderWords.Token(word, Key));

    [Fact]
    public void A_word_longer_than_words_are_does_not_pass() => Assert.Null(ProviderWords.Token(new string('a', 65), Key));

    [Fact]
    public void The_private_key_of_a_tokens_account_may_stand_nowhere_either()
    {
        var token = new Secret("ya29.short") { Origin = Key };
        Assert.True(ProviderWords.Hides($"made from {Key.Reveal()}", token));
    }

    [Fact]
    public void A_key_too_short_for_pieces_is_found_as_it_is()
    {
        var key = new Secret("ollama");
        Assert.Equal("*** says no", ProviderWords.Sentence("Ollama says no", key));
        Assert.Equal("The server says no", ProviderWords.Sentence("The server says no", key));
        Assert.Equal("*** and *** again", ProviderWords.Sentence("ollama and ollama again", key));
    }

    [Fact]
    public void Pieces_too_small_to_be_found_alone_are_found_together()
    {
        string key = Key.Reveal();
        var error = new UpstreamError(key[..7], key[7..14], key[14..20], key[20..]);
        UpstreamError passed = UpstreamErrorGate.Pass(error, [Key]);
        Assert.Equal((ProviderWords.Withheld, "invalid_request_error", "invalid_request", null), (passed.Message, passed.Type, passed.Code, passed.Param));
    }

    [Fact]
    public void A_key_encoded_first_and_cut_then_is_found_together()
    {
        string encoded = "auth" + Encodings.Base64("kgsk_Q7fK2mZx9LpW4tVb8RcY");
        var error = new UpstreamError($"{encoded[..10]} and", encoded[10..20], encoded[20..30], encoded[30..].TrimEnd('='));
        Assert.Equal(ProviderWords.Withheld, UpstreamErrorGate.Pass(error, [new("gsk_Q7fK2mZx9LpW4tVb8RcY")]).Message);
    }

    [Theory]
    [InlineData("""{ "message" : "caf\u00e9 \"x\"", "type":"invalid_request_error", "code":null,"param":"a[0].b", "failed_generation":"<function=f>{}","status_code":400}""", null)]
    [InlineData("""{"message":"no","code":"c","inner":{"a":1},"debug":"words","request_id":"r"}""", """{"message":"no","code":"c"}""")]
    [InlineData("""{"message":"no","type":"two words","code":"two words","param":"two words"}""", """{"message":"no","type":"invalid_request_error","code":"invalid_request","param":null}""")]
    [InlineData("""{"message":"no mine-Q7fK2mZx9LpW4tVb8RcY here","code":"c"}""", """{"message":"no *** here","code":"c"}""")]
    [InlineData("""{"message":"no","code":"c","failed_generation":"call mine-Q7fK2mZx9LpW4tVb8RcY"}""", """{"message":"no","code":"c","failed_generation":"call ***"}""")]
    [InlineData("""{"message":"no","n":123456789012345678901234567890}""", """{"message":"no"}""")]
    public void An_envelope_keeps_its_bytes_and_loses_what_may_not_pass(string envelope, string? expected)
    {
        UpstreamError passed = UpstreamErrorGate.Pass(new UpstreamError("m", "t", "c", null, Encoding.UTF8.GetBytes(envelope)), [Key]);
        Assert.Equal(expected ?? envelope, Encoding.UTF8.GetString(passed.Raw!.Value.Span));
    }

    [Fact]
    public void A_text_made_to_be_hard_to_read_is_withheld_in_good_time()
    {
        string text = Encodings.Base64(Encodings.Base64(Encodings.Base64(new string('a', 25_000))));
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        ProviderWords.Hides(text, Key);
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }
}

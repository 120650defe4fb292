using CsCheck;
using Router.Core.Keys;

namespace Router.Tests.Keys;

public sealed class RouterKeyTokenTests
{
    [Fact]
    public void A_generated_token_reads_back()
    {
        var token = RouterKeyToken.Generate();
        var text = token.Reveal();
        Assert.Matches("^rk_[0-9A-Za-z]{12}_[0-9A-Za-z]{40}$", text);
        var parsed = RouterKeyToken.TryParse(text);
        Assert.NotNull(parsed);
        Assert.Equal(token.Id, parsed.Id);
        Assert.Equal(token.Hash(), parsed.Hash());
    }

    [Fact]
    public void It_prints_without_its_secret()
    {
        var token = RouterKeyToken.Generate();
        Assert.Equal($"rk_{token.Id}_***", token.ToString());
    }

    [Fact]
    public void An_id_and_secret_pair_reads_with_and_without_the_prefix()
    {
        var token = RouterKeyToken.Generate();
        var secret = token.Reveal()[^40..];
        Assert.Equal(token.Hash(), RouterKeyToken.TryParsePair($"{token.Id}:{secret}")!.Hash());
        Assert.Equal(token.Id, RouterKeyToken.TryParsePair($"rk_{token.Id}:{secret}")!.Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("rk_")]
    [InlineData("rk__")]
    [InlineData("rk_id_")]
    [InlineData("rk_id_short")]
    [InlineData("rk__0123456789abcdef")]
    [InlineData("RK_id_0123456789abcdef")]
    [InlineData("rk_id_0123456789abcdéf")]
    [InlineData("rk_i d_0123456789abcdef")]
    [InlineData("sk-0123456789abcdef")]
    public void Anything_else_is_no_token(string text) => Assert.Null(RouterKeyToken.TryParse(text));

    [Fact]
    public void No_text_makes_it_throw_and_what_it_accepts_it_gives_back() =>
        Gen.OneOf(Gen.String, Gen.String.Select(text => "rk_" + text), Gen.String[Gen.Char["rk_:aZ09-é\0"], 0, 300]).Sample(text =>
        {
            _ = RouterKeyToken.TryParsePair(text);
            return RouterKeyToken.TryParse(text) is not { } token || token.Reveal() == text;
        });
}

using CsCheck;
using Router.Core.Catalog;
using Router.Core.Usage;

namespace Router.Tests.Usage;

public sealed class UsageCostTests
{
    private static readonly Gen<decimal> Price = Gen.Int[0, 100_000].Select(cents => cents / 100m);

    [Fact]
    public void Each_kind_of_token_costs_its_own_price()
    {
        var prices = Prices(2.5m, 10, cacheRead: 1.25m, cacheWrite: 3);
        // 1000 in, of which 400 read from the cache and 100 written to it; 50 out.
        Assert.Equal(((500 * 2.5m) + (400 * 1.25m) + (100 * 3m) + (50 * 10m)) / 1_000_000, TokenCost.ListPrice(prices, new(1000, 400, 100, 50, 20)));
        Assert.Equal(1000 * 2.5m / 1_000_000, TokenCost.ListPrice(Prices(2.5m, 10), new(1000, 400, 100, 0, 0)));
        Assert.Null(TokenCost.ListPrice(null, new(1, 0, 0, 1, 0)));
    }

    [Fact]
    public void An_own_key_owes_the_fee_and_the_operators_key_the_price()
    {
        Assert.Equal(0, TokenCost.Charge(3, ownKey: true, 0));
        Assert.Equal(0.15m, TokenCost.Charge(3, ownKey: true, 5));
        Assert.Equal(3, TokenCost.Charge(3, ownKey: false, 5));
        Assert.Null(TokenCost.Charge(null, ownKey: true, 5));
    }

    [Fact]
    public void Cost_is_never_negative_adds_up_and_is_bounded_by_the_dearest_price() =>
        Gen.Select(Price, Price, Price, Price, Gen.Long[0, 10_000_000].Array[5]).Sample((input, output, read, write, counts) =>
        {
            var prices = Prices(input, output, read, write);
            var tokens = new TokenCounts(counts[0], counts[1], counts[2], counts[3], counts[4]);
            var cost = TokenCost.ListPrice(prices, tokens)!.Value;
            Assert.InRange(cost, 0, ((counts[0] * Math.Max(input, Math.Max(read, write))) + (counts[3] * output)) / 1_000_000);
            Assert.Equal(cost, TokenCost.ListPrice(prices, tokens with { Output = 0 }) + (counts[3] * output / 1_000_000));
        });

    private static CatalogPrices Prices(decimal input, decimal output, decimal? cacheRead = null, decimal? cacheWrite = null) =>
        System.Text.Json.JsonSerializer.Deserialize<CatalogPrices>(System.Text.Json.JsonSerializer.Serialize(new { input, output, cache_read = cacheRead, cache_write = cacheWrite }))!;
}

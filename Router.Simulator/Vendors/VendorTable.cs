using System.Collections.Frozen;

namespace Router.Simulator.Vendors;

internal static class VendorTable
{
    private static readonly FrozenDictionary<string, Vendor> Known = new[]
    {
        OpenAIVendors.OpenAI, AnthropicVendor.Anthropic, GoogleVendors.Vertex, GoogleVendors.AiStudio, FastVendors.Cerebras,
        OpenModelVendors.DeepInfra, OpenModelVendors.Fireworks, MistralVendor.Mistral, FastVendors.Groq, XaiVendor.Xai,
    }.ToFrozenDictionary(v => v.Slug, StringComparer.Ordinal);

    public static IEnumerable<Vendor> All => Known.Values;

    /// <summary>A slug without an entry behaves like OpenAI.</summary>
    public static Vendor Of(string slug) => Known.TryGetValue(slug, out var vendor) ? vendor : OpenAIVendors.OpenAI with { Slug = slug };
}

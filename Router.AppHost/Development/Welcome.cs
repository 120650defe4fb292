using System.Collections.Immutable;

namespace Router.AppHost.Development;

/// <summary>What a newcomer needs once the API answers: addresses, a key, and a request to paste.</summary>
internal sealed class Welcome(
    EndpointReference api,
    IResourceBuilder<ParameterResource> routerKey,
    IResourceBuilder<ParameterResource> adminKey,
    ImmutableArray<ProviderKey> providers)
{
    private int _shown;

    // Testing builders ask for random ports; nobody reads a welcome there.
    private bool IsTest => bool.TryParse(routerKey.ApplicationBuilder.Configuration["DcpPublisher:RandomizePorts"], out var random) && random;

    /// <summary>Prints once, whichever replica is ready first.</summary>
    public async Task ShowAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _shown, 1) != 0 || IsTest) return;
        var text = await TextAsync(cancellationToken);
        await Console.Out.WriteAsync(text.AsMemory(), cancellationToken);
    }

    private async Task<string> TextAsync(CancellationToken cancellationToken)
    {
        var key = await routerKey.Resource.GetValueAsync(cancellationToken);
        var admin = await adminKey.Resource.GetValueAsync(cancellationToken);
        List<string> live = [], simulated = [];
        foreach (var provider in providers)
        {
            var configured = await provider.Parameter.Resource.GetValueAsync(cancellationToken) is { Length: > 0 };
            (configured ? live : simulated).Add(provider.Provider.Slug);
        }

        var url = api.Url.TrimEnd('/');
        var model = providers[0].Provider.Slug + "/gpt-4o";

        return $$$"""

            Router is ready
              API         {{{url}}}
              Studio      {{{url}}}/studio
              Reference   {{{url}}}/scalar
              Router key  {{{key}}}
              Admin key   {{{admin}}}
              Live        {{{(live.Count == 0 ? "no provider: no system key is configured" : string.Join(", ", live))}}}
              Simulated   {{{(simulated.Count == 0 ? "none" : string.Join(", ", simulated))}}}

            Try it
              curl -s {{{url}}}/v1/chat/completions -H "Authorization: Basic {{{key}}}" -H "Content-Type: application/json" -d '{"model":"{{{model}}}","messages":[{"role":"user","content":"Hello"}]}'


            """;
    }
}

using System.Net;
using System.Text;
using Router.Core.Providers;

namespace Router.Api.Endpoints;

/// <summary>The page at / and /studio: which providers this router reaches and how to call it. It shows no key and no tenant.</summary>
public static class StartPage
{
    private const string Head = """
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Router</title><style>
        :root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8884}
        pre{overflow:auto;padding:1rem;border:1px solid #8884;border-radius:.4rem}.sim{color:#b45309}.live{color:#15803d}
        @media(prefers-color-scheme:dark){.sim{color:#fbbf24}.live{color:#4ade80}}
        </style></head><body><main><h1>Router</h1>
        """;

    public static IEndpointRouteBuilder MapStartPage(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/", Show);
        endpoints.MapGet("/studio", Show);
        return endpoints;
    }

    private static IResult Show(HttpContext context, ProviderRegistry providers)
    {
        var page = new StringBuilder(Head);
        page.Append("<p>One OpenAI-compatible endpoint in front of these providers. A provider is live once it has a system key or an address of its own; until then the simulator answers for it.</p>");
        page.Append("<table><thead><tr><th>Provider</th><th>Name before the slash</th><th>Now</th></tr></thead><tbody>");
        foreach (Provider provider in providers.All)
        {
            string state = provider.Simulated ? "<span class=\"sim\">simulated</span>" : "<span class=\"live\">live</span>";
            page.Append($"<tr><td>{WebUtility.HtmlEncode(provider.Definition.DisplayName)}</td><td><code>{WebUtility.HtmlEncode(provider.Slug)}</code></td><td>{state}</td></tr>");
        }

        string origin = WebUtility.HtmlEncode($"{context.Request.Scheme}://{context.Request.Host}");
        page.Append($$"""
            </tbody></table><h2>Call it</h2><pre>curl {{origin}}/v1/chat/completions \
              -H "Authorization: Basic &lt;router API key&gt;" -H "Content-Type: application/json" \
              -d '{"model":"{{providers.All[0].Slug}}/&lt;model&gt;","messages":[{"role":"user","content":"Hello"}]}'</pre>
            <h2>Save a provider key</h2><pre>curl -X PUT {{origin}}/api/workspaces/default/provider-keys/{{providers.All[0].Slug}} \
              -H "Authorization: Bearer &lt;router API key or admin key&gt;" -H "Content-Type: application/json" \
              -d '{"api_key":"&lt;your key&gt;"}'</pre></main></body></html>
            """);
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        return Results.Content(page.ToString(), "text/html; charset=utf-8");
    }
}

using Router.Simulator.Journal;
using Router.Simulator.Vendors;

namespace Router.Simulator.Keys;

internal static class KeyReader
{
    /// <summary>The credential of a request: for a Vertex access token the service account it was issued to.</summary>
    public static string? Read(HttpRequest request, Vendor vendor, TimeProvider time)
    {
        var headers = request.Headers;
        if (headers["x-api-key"] is [{ Length: > 0 } apiKey])
            return apiKey;
        if (headers["x-goog-api-key"] is [{ Length: > 0 } googleKey])
            return googleKey;
        if (headers.Authorization is [{ } authorization] && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            var token = authorization[7..].Trim();
            return vendor.IssuesTokens ? AccessToken.Account(token, time) ?? JournalView.Hash(token) : token;
        }

        return request.Query["key"] is [{ Length: > 0 } queryKey] ? queryKey : null;
    }
}

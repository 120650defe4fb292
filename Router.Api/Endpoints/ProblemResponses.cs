namespace Router.Api.Endpoints;

internal static class ProblemResponses
{
    /// <summary>Names the statuses an endpoint answers with a problem, for the API's description.</summary>
    public static RouteHandlerBuilder Problems(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
            endpoint.ProducesProblem(status);
        return endpoint;
    }
}

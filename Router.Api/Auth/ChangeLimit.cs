using Router.Api.Dialects;
using Router.Core.Failures;
using Router.Core.Limits;

namespace Router.Api.Auth;

/// <summary>How often a workspace's own keys may change things. What takes something away is never refused: a leaked key must be revocable.</summary>
internal static class ChangeLimit
{
    /// <returns>Why the request may not go on; null when it may.</returns>
    public static async ValueTask<RouterError?> AskAsync(RateLimiter limiter, HttpContext http, ControlPlaneCaller caller)
    {
        var method = http.Request.Method;
        if (caller.WorkspaceId is not { } workspace || HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsDelete(method))
            return null;
        return await limiter.AdmitChangeAsync(workspace, http.RequestAborted) is { } refusal ? LimitHeaders.Error(refusal) : null;
    }
}

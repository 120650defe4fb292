using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Router.Core.Failures;
using Router.Core.Keys;

namespace Router.Api.Endpoints;

/// <summary>Every problem the control plane answers with. None shows anything secret a caller sent.</summary>
internal static class Problems
{
    public static ProblemHttpResult Unauthorized() => Make(
        401, "invalid_api_key", "Send the admin key, or a router key with the manage permission, as Authorization: Bearer <key>.");

    public static ProblemHttpResult AdministratorOnly() => Make(403, "permission_denied", "Only the administrator may do this; a workspace key may not.");

    public static ProblemHttpResult PermissionDenied(string detail) => Make(403, "permission_denied", detail);

    public static ProblemHttpResult OperatorsMembers() => Make(
        403, "permission_denied", "Only the administrator may change byok_fee_percent, limits and manage_keys_may_mint_inference of a policy; send them as they are. An absent member takes its default.");

    public static ProblemHttpResult NoWorkspace(string workspace) => Make(404, "workspace_not_found", $"There is no workspace '{Shown(workspace)}' for this key.");

    public static ProblemHttpResult WorkspaceExists(string workspace) => Make(409, "workspace_exists", $"There is a workspace '{workspace}' already.");

    public static ProblemHttpResult TooManyRouterKeys() => Make(
        409, "too_many_api_keys", $"A workspace may have at most {RouterKeyStore.MostPerWorkspace} active API keys. Revoke one that is not used.");

    public static ProblemHttpResult TooMany(HttpContext http, RouterError error)
    {
        http.Response.Headers.RetryAfter = ((long)(error.RetryAfter?.TotalSeconds ?? 1)).ToString(CultureInfo.InvariantCulture);
        return Make(429, error.Code, error.Message);
    }

    public static ProblemHttpResult NoRouterKey() => Make(404, "api_key_not_found", "This workspace has no such active API key.");

    public static ProblemHttpResult NoProviderKey(string provider) => Make(404, "provider_key_not_found", $"This workspace has no key for {provider}.");

    public static ProblemHttpResult UnknownProvider(string slug, IEnumerable<string> known) => Make(
        404,
        "unknown_provider",
        $"There is no provider '{Shown(slug)}'. Known providers: {string.Join(", ", known)}.",
        ("providers", known.ToArray()));

    public static ProblemHttpResult Invalid(string field, string detail) => Make(400, "invalid_request", detail, ("param", field));

    public static ProblemHttpResult Unreadable(int status) => Make(status, "invalid_request", "A parameter or the body of the request could not be read.");

    /// <summary>Every wrong member of a body at once; <c>param</c> is the first.</summary>
    public static ProblemHttpResult InvalidMembers(IReadOnlyList<(string Member, string Detail)> wrong) => Make(
        400,
        "invalid_request",
        string.Join(' ', wrong.Select(one => one.Detail)),
        ("param", wrong[0].Member),
        ("errors", wrong.GroupBy(one => one.Member, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Select(one => one.Detail).ToArray())));

    public static ProblemHttpResult TooLarge() => Make(413, "request_too_large", $"The body is larger than {JsonBody.MaxBytes / 1024} KiB.");

    public static ProblemHttpResult KeyRefused(string code, string detail, int? upstreamStatus) => upstreamStatus is { } status
        ? Make(422, code, detail, ("upstream_status", status))
        : Make(422, code, detail);

    public static ProblemHttpResult Replaced() => Make(409, "provider_key_replaced", "The key was replaced or deleted while it was being checked. Try again.");

    public static ProblemHttpResult Overtaken() => Make(409, "provider_key_replaced", "A newer save or a delete of this key took effect while this one was being checked. This one was not saved.");

    public static ProblemHttpResult OtherKey() => Make(412, "precondition_failed", "The stored key is not the one that If-Match or If-None-Match names. Nothing was changed; get the key and try again.");

    public static ProblemHttpResult NotSwitchable(string why) => Make(409, "decided_by_configuration", $"{why} Configuration decides; change it there.");

    public static ProblemHttpResult NotFound() => Make(404, "not_found", "There is nothing here. /openapi/v1.json describes what there is.");

    public static ProblemHttpResult MethodNotAllowed() => Make(405, "method_not_allowed", "This address does not take that method. /openapi/v1.json describes what it takes.");

    public static ProblemHttpResult Internal() => Make(500, "internal_error", "The router failed for a reason of its own.");

    /// <param name="cause">What the database said; null where it was not asked.</param>
    public static ProblemHttpResult Unavailable(Exception? cause = null) => Make(503, "unavailable", WhyUnavailable(cause));

    public static string WhyUnavailable(Exception? cause) => DatabaseFaults.LacksSchema(cause)
        ? "The database has no schema that this version of the router can use: its migrations have not run there. Nothing was saved."
        : "The database does not answer. Nothing may have been saved; try again.";

    public static string CodeOf(ProblemHttpResult problem) => (string)problem.ProblemDetails.Extensions["code"]!;

    private static ProblemHttpResult Make(int status, string code, string detail, params ReadOnlySpan<(string Name, object Value)> more)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = code };
        foreach (var (name, value) in more)
            extensions[name] = value;
        return TypedResults.Problem(detail, statusCode: status, extensions: extensions);
    }

    private static string Shown(string text) => text.Length <= 64 ? text : text[..64];
}

namespace Router.Simulator.Vendors;

/// <summary>Google AI Studio and Vertex AI.</summary>
internal static class GoogleVendors
{
    private static readonly string[] Gemini = ["gemini-3-pro-preview", "gemini-3-flash", "gemini-2.5-pro", "gemini-2.5-flash"];

    private static readonly Dictionary<Trouble, Failure> StudioTroubles = new()
    {
        [Trouble.MissingKey] = new(401, "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.", "UNAUTHENTICATED"),
        [Trouble.WrongKey] = new(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", "API_KEY_INVALID"),
        [Trouble.Expired] = new(400, "API key expired. Please renew the API key.", "INVALID_ARGUMENT", "API_KEY_INVALID"),
        [Trouble.Revoked] = new(403, "Your API key was reported as leaked. Please use another API key.", "PERMISSION_DENIED"),
        [Trouble.NoCredit] = new(429, "Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.", "RESOURCE_EXHAUSTED"),
        [Trouble.RateLimited] = new(429, "You exceeded your current quota, please check your plan and billing details. Please retry in {seconds}s.", "RESOURCE_EXHAUSTED"),
        [Trouble.NoAccess] = new(404, "models/{model} is not found for API version v1beta, or is not supported for generateContent.", "NOT_FOUND"),
        [Trouble.Restricted] = new(403, "Requests to this API method are blocked.", "PERMISSION_DENIED", "API_KEY_SERVICE_BLOCKED"),
        [Trouble.Down] = new(503, "The model is overloaded. Please try again later.", "UNAVAILABLE"),
        [Trouble.Region] = new(400, "User location is not supported for the API use.", "FAILED_PRECONDITION"),
        [Trouble.BadRequest] = new(400, "", "INVALID_ARGUMENT"),
    };

    public static readonly Vendor AiStudio = new()
    {
        Slug = "google-ai-studio",
        Envelope = Envelopes.Google,
        StreamError = Envelopes.Google,
        List = ListShape.Gemini,
        Models = Gemini,
        RetryAfterHeader = false,
        RequestIdHeader = "x-goog-request-id",
        StatusTypes = new Dictionary<int, string> { [499] = "CANCELLED", [500] = "INTERNAL", [504] = "DEADLINE_EXCEEDED" },
        Troubles = StudioTroubles,
    };

    public static readonly Vendor Vertex = AiStudio with
    {
        Slug = "google-vertex",
        IssuesTokens = true,
        Troubles = new Dictionary<Trouble, Failure>(StudioTroubles)
        {
            [Trouble.WrongKey] = new(401, "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.", "UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED"),
            [Trouble.Expired] = new(401, "Request had invalid authentication credentials.", "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED"),
            [Trouble.Revoked] = new(403, "Vertex AI API has not been used in project sim before or it is disabled.", "PERMISSION_DENIED", "SERVICE_DISABLED"),
            [Trouble.NoCredit] = new(403, "This API method requires billing to be enabled. Please enable billing on project #sim.", "PERMISSION_DENIED", "BILLING_DISABLED"),
            [Trouble.RateLimited] = new(429, "Quota exceeded for aiplatform.googleapis.com/generate_content_requests_per_minute_per_project_per_base_model with base model: {model}. Please submit a quota increase request.", "RESOURCE_EXHAUSTED"),
            [Trouble.NoAccess] = new(404, "Publisher Model `{model}` was not found or your project does not have access to it.", "NOT_FOUND"),
            [Trouble.Restricted] = new(403, "Permission 'aiplatform.models.list' denied.", "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"),
            [Trouble.Region] = new(400, "Precondition check failed: location is not supported.", "FAILED_PRECONDITION"),
        },
    };
}

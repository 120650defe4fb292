namespace Router.Core.Keys;

/// <summary>The names of what can be done to a workspace, as the audit log keeps them.</summary>
public static class AuditActions
{
    /// <summary>The outcome of a change that was made.</summary>
    public const string Done = "done";

    public const string CreateWorkspace = "workspace.create";
    public const string DeleteWorkspace = "workspace.delete";
    public const string ChangePolicy = "policy.change";
    public const string CreateRouterKey = "api_key.create";
    public const string RevokeRouterKey = "api_key.revoke";
    public const string SeedRouterKey = "api_key.seed";
    public const string CreateProviderKey = "provider_key.create";
    public const string ReplaceProviderKey = "provider_key.replace";
    public const string DeleteProviderKey = "provider_key.delete";
    public const string CreateSavedRouter = "router.create";
    public const string ChangeSavedRouter = "router.change";
    public const string DeleteSavedRouter = "router.delete";
    public const string ValidateProviderKey = "provider_key.validate";

    /// <summary>A re-check of every stored key; the target is the workspace, once for each that has keys.</summary>
    public const string RecheckProviderKeys = "provider_key.recheck_all";

    /// <summary>A provider was made live or simulated again; the target is the provider, once for each workspace.</summary>
    public const string SwitchProvider = "provider.switch";

    /// <summary>An attempt to save that ended before it was known whether a key would be created or replaced.</summary>
    public const string SaveProviderKey = "provider_key.save";
}

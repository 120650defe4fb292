using Router.Core.Limits;

namespace Router.Core.Keys;

/// <summary>What a router key may give to another that it makes: never more than it has itself.</summary>
public static class KeyGrant
{
    /// <param name="limits">What is asked for; what is not named is taken over from the maker.</param>
    /// <returns>The limits the new key gets; or why it may not be made, as a sentence for its maker.</returns>
    public static (LimitSettings Limits, string? Refusal) From(RouterKey maker, WorkspacePolicy policy, RouterKeyPermissions permissions, LimitSettings limits)
    {
        RouterKeyPermissions own = maker.Permissions | (policy.ManageKeysMayMintInference ? RouterKeyPermissions.Inference : RouterKeyPermissions.None);
        if ((permissions & ~own) != RouterKeyPermissions.None)
        {
            return (limits, "A key cannot make a key that may do more than itself. A key with the inference permission, or the administrator, can make this one; so can yours if the administrator sets manage_keys_may_mint_inference in the workspace's policy.");
        }

        return Narrow(maker.Limits.RequestsPerSecond, limits.RequestsPerSecond, out long? requests) && Narrow(maker.Limits.TokensPerMinute, limits.TokensPerMinute, out long? tokens)
            ? (new LimitSettings(requests, tokens), null)
            : (limits, "A key cannot make a key with higher limits than its own.");
    }

    /// <summary>0 and null are no limit of a key's own.</summary>
    private static bool Narrow(long? own, long? asked, out long? granted)
    {
        granted = own is > 0 && asked is null ? own : asked;
        return own is not > 0 || granted is > 0 && granted <= own;
    }
}

using Router.Core.Keys;

namespace Router.Api.Endpoints;

/// <summary>Permissions as the control plane names them.</summary>
internal static class PermissionNames
{
    public static IReadOnlyList<string> ToNames(RouterKeyPermissions permissions)
    {
        var names = new List<string>(2);
        if (permissions.HasFlag(RouterKeyPermissions.Inference))
            names.Add("inference");
        if (permissions.HasFlag(RouterKeyPermissions.Manage))
            names.Add("manage");
        return names;
    }

    /// <returns>Null when a name is unknown or there is none.</returns>
    public static RouterKeyPermissions? Parse(IReadOnlyList<string>? names)
    {
        if (names is null)
            return RouterKeyPermissions.Inference;
        var permissions = RouterKeyPermissions.None;
        foreach (var name in names)
        {
            RouterKeyPermissions? permission = name switch
            {
                "inference" => RouterKeyPermissions.Inference,
                "manage" => RouterKeyPermissions.Manage,
                _ => null,
            };
            if (permission is null)
                return null;
            permissions |= permission.Value;
        }

        return permissions == RouterKeyPermissions.None ? null : permissions;
    }
}

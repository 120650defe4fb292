namespace Router.Core.Keys;

/// <summary>
/// What the administrator's key has to be, wherever it is given. A blank one would be the key of everybody, and a short one can be
/// guessed: neither starts.
/// </summary>
public static class AdminKey
{
    public const string Setting = "Router:AdminKey";

    /// <summary>In characters, without the white space around it.</summary>
    public const int LeastLength = 16;

    /// <param name="key">Null where there is no administrator.</param>
    public static bool IsUsable(string? key) => key is null || key.Trim().Length >= LeastLength;
}

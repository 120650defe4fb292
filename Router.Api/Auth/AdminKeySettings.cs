using Router.Core.Keys;

namespace Router.Api.Auth;

/// <summary><c>Router:AdminKey</c>, looked at when the API starts.</summary>
internal sealed class AdminKeySettings
{
    public static readonly string Fault = $"Router__AdminKey is blank or shorter than {AdminKey.LeastLength} characters: give a longer key, or take the setting out to have no administrator.";

    public string? Key { get; set; }
}

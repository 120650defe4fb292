using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace Router.AppHost.Development;

/// <summary>
/// Secret parameters. In run mode a missing one is generated and kept in the developer's state directory;
/// in publish mode they are plain secret parameters, so that nothing generated here can reach a deployment.
/// </summary>
internal static class DeveloperSecrets
{
    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static IResourceBuilder<ParameterResource> AddMasterKey(this IDistributedApplicationBuilder builder) =>
        builder.AddGenerated("master-key", () => "k1:" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));

    public static IResourceBuilder<ParameterResource> AddAdminKey(this IDistributedApplicationBuilder builder) =>
        builder.AddGenerated("admin-key", () => "admin_" + RandomNumberGenerator.GetString(Alphanumeric, 40));

    /// <summary>The router API key of the workspace that a developer's database starts with.</summary>
    public static IResourceBuilder<ParameterResource> AddDevelopmentRouterKey(this IDistributedApplicationBuilder builder) =>
        builder.AddGenerated(
            "router-key",
            () => $"rk_{RandomNumberGenerator.GetString(Alphanumeric, 12)}_{RandomNumberGenerator.GetString(Alphanumeric, 40)}");

    /// <summary>The value of <c>Parameters:name</c>; a dash in the name may be written as an underscore.</summary>
    public static string? ParameterValue(this IConfiguration configuration, string name) =>
        configuration[$"Parameters:{name}"] ?? configuration[$"Parameters:{name.Replace('-', '_')}"];

    private static IResourceBuilder<ParameterResource> AddGenerated(this IDistributedApplicationBuilder builder, string name, Func<string> generate)
    {
        if (builder.ExecutionContext.IsPublishMode) return builder.AddParameter(name, secret: true);

        return builder.AddParameter(
            name,
            () =>
            {
                if (builder.Configuration.ParameterValue(name) is { Length: > 0 } given) return given;
                var root = Path.GetDirectoryName(builder.AppHostDirectory)!;
                return new SecretFile(StateDirectory.Locate(builder.Configuration, root)).GetOrCreate(name, generate);
            },
            secret: true);
    }
}

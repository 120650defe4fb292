using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace Router.AppHost.Development;

/// <summary>
/// Secret parameters. In run mode a missing one is generated and kept in the developer's state directory;
/// in publish mode they are plain secret parameters, so that nothing generated here can reach a deployment.
/// </summary>
internal static class DeveloperSecrets
{
    public const string MasterKey = "master-key";
    public const string AdminKey = "admin-key";
    public const string RouterKey = "router-key";

    private const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static IResourceBuilder<ParameterResource> AddMasterKey(this IDistributedApplicationBuilder builder) =>
        builder.AddGenerated(MasterKey, () => "k1:" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)))
            .WithDescription("Seals the stored provider keys: name:base64 of 32 bytes.");

    public static IResourceBuilder<ParameterResource> AddAdminKey(this IDistributedApplicationBuilder builder) =>
        builder.AddGenerated(AdminKey, NewAdminKey).WithDescription("The administrator's key: control plane and Studio.");

    /// <summary>The router API key of the workspace that a developer's database starts with.</summary>
    public static IResourceBuilder<ParameterResource> AddDevelopmentRouterKey(this IDistributedApplicationBuilder builder) =>
        builder.AddGenerated(RouterKey, NewRouterKey).WithDescription("The router API key of the workspace \"default\".");

    /// <summary>The password of a server whose data outlive a run.</summary>
    public static IResourceBuilder<ParameterResource> AddServerPassword(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddGenerated(name, () => RandomNumberGenerator.GetHexString(32, lowercase: true));

    public static string NewAdminKey() => "admin_" + RandomNumberGenerator.GetString(Alphanumeric, 40);

    public static string NewRouterKey() => $"rk_{RandomNumberGenerator.GetString(Alphanumeric, 12)}_{RandomNumberGenerator.GetString(Alphanumeric, 40)}";

    /// <summary>The value of <c>Parameters:name</c>; a dash in the name may be written as an underscore.</summary>
    public static string? ParameterValue(this IConfiguration configuration, string name) =>
        configuration[$"Parameters:{name}"] ?? configuration[$"Parameters:{name.Replace('-', '_')}"];

    private static IResourceBuilder<ParameterResource> AddGenerated(this IDistributedApplicationBuilder builder, string name, Func<string> generate) =>
        builder.ExecutionContext.IsPublishMode
            ? builder.AddParameter(name, secret: true)
            : builder.AddParameter(
                name,
                () => builder.Configuration.ParameterValue(name) is { Length: > 0 } given
                    ? given
                    : new SecretFile(StateDirectory.OfRun(builder.Configuration)).GetOrCreate(name, generate),
                secret: true);
}

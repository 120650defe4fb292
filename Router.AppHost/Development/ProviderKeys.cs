using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Router.Core.Providers;

namespace Router.AppHost.Development;

/// <summary>One secret parameter per provider of the table: the operator's system key. Empty means not configured.</summary>
internal sealed record ProviderKey(ProviderDefinition Provider, IResourceBuilder<ParameterResource> Parameter)
{
    public string Variable => Provider.SystemKeyVariables[0];
}

internal static class ProviderKeys
{
    public static ImmutableArray<ProviderKey> AddProviderKeys(this IDistributedApplicationBuilder builder) =>
        [.. ProviderTable.All.Where(p => !p.SystemKeyVariables.IsEmpty).Select(p => new ProviderKey(p, builder.AddProviderKey(p)))];

    public static IResourceBuilder<T> WithProviderKeys<T>(this IResourceBuilder<T> service, ImmutableArray<ProviderKey> keys)
        where T : IResourceWithEnvironment
    {
        foreach (var key in keys)
        {
            if (service.ApplicationBuilder.ExecutionContext.IsPublishMode)
                service.WithEnvironment(key.Variable, key.Parameter);
            else
                service.WithEnvironment(async context => context.EnvironmentVariables[key.Variable] = await key.Parameter.Resource.ValueOrEmptyAsync(context.CancellationToken));
        }

        return service;
    }

    /// <summary>What the parameter is now. Whoever deletes its value in the dashboard takes the key back.</summary>
    public static async Task<string> ValueOrEmptyAsync(this ParameterResource parameter, CancellationToken cancellationToken)
    {
        try
        {
            return await parameter.GetValueAsync(cancellationToken) ?? "";
        }
        catch (MissingParameterValueException)
        {
            return "";
        }
    }

    private static IResourceBuilder<ParameterResource> AddProviderKey(this IDistributedApplicationBuilder builder, ProviderDefinition provider)
    {
        var name = provider.Slug + "-api-key";
        var parameter = builder.ExecutionContext.IsPublishMode
            ? builder.AddParameter(name, secret: true)
            : builder.AddParameter(name, () => Find(builder.Configuration, name, provider), secret: true);
        return parameter.WithDescription($"The operator's key for {provider.DisplayName} ({string.Join(", ", provider.SystemKeyVariables)}). Empty: the provider is simulated in development.");
    }

    /// <summary>The parameter, else the variables the vendor's own tools read (environment variables are part of the configuration).</summary>
    private static string Find(ConfigurationManager configuration, string name, ProviderDefinition provider) =>
        configuration.ParameterValue(name)
        ?? provider.SystemKeyVariables.Select(variable => configuration[variable]).FirstOrDefault(value => !string.IsNullOrEmpty(value))
        ?? "";
}

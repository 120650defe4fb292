using Npgsql;

namespace Router.Worker.Migrations;

/// <summary>
/// The database as its owner, who changes its form and deletes what has been kept long enough: <c>ConnectionStrings:routerdb_owner</c>, or
/// <c>routerdb</c> where there is none.
/// </summary>
public static class OwnerDatabase
{
    public const string Service = "routerdb";
    public const string Name = "routerdb_owner";

    /// <summary>The name of the connection string.</summary>
    public static string NameIn(IConfiguration configuration) => string.IsNullOrWhiteSpace(configuration.GetConnectionString(Name)) ? Service : Name;

    /// <summary>Adds the owner's data source under the key <see cref="Name"/>; the services' own where they are one.</summary>
    public static void AddOwnerDatabase(this IHostApplicationBuilder builder, Action<NpgsqlDataSourceBuilder> configure)
    {
        if (NameIn(builder.Configuration) == Name)
            builder.AddKeyedNpgsqlDataSource(Name, settings => settings.DisableHealthChecks = true, configure);
        else
            builder.Services.AddKeyedSingleton(Name, (provider, _) => provider.GetRequiredService<NpgsqlDataSource>());
    }

    /// <summary>A service made as usual, but of the owner's database.</summary>
    public static T MakeWithOwner<T>(this IServiceProvider provider) =>
        ActivatorUtilities.CreateInstance<T>(provider, provider.GetRequiredKeyedService<NpgsqlDataSource>(Name));
}

using System.Diagnostics;
using Npgsql;

namespace Router.Core.Telemetry;

/// <summary>Which Postgres commands become spans.</summary>
public static class DatabaseTracing
{
    /// <summary>
    /// Only those that belong to something: a request, a re-check, a migration. The polls that run every second for ever
    /// would each be a trace of their own that says nothing.
    /// </summary>
    public static void Configure(NpgsqlDataSourceBuilder builder) =>
        builder.ConfigureTracing(options => options.ConfigureCommandFilter(_ => Activity.Current is not null));
}

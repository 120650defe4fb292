using Npgsql;

namespace Router.Api.Studio;

/// <summary>What a database that does not answer looks like from here.</summary>
internal static class Outage
{
    public const string NothingToShow =
        "The database does not answer, so this page cannot be shown. Requests are served all the same, with the keys and policies as they were read last.";

    public const string NothingSaved = "The database does not answer. Nothing may have been saved; try again.";

    /// <summary>Also where it is only the cause of what was thrown.</summary>
    public static bool Is(Exception? exception) =>
        exception is NpgsqlException or TimeoutException || (exception?.InnerException is { } inner && Is(inner));
}

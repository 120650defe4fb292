using Router.AppHost.Development;

namespace Router.Tests.AppHost;

public sealed class ProgramLogTests
{
    [Fact]
    public void What_is_told_of_a_program_is_what_a_person_needs() => Assert.Equal(
        ["PostgreSQL is needed and was not found.", "  1. Install it.", "crit: The database was not migrated: wrong master key"],
        ProgramLog.Essence(
        [
            "2026-12-01T02:07:51.1530000Z Failed to create resource postgres",
            "Aspire.Hosting.DistributedApplicationException: PostgreSQL is needed and was not found.",
            "  1. Install it.",
            "   at Router.AppHost.Local.PostgresBinaries.FindAsync(Nullable`1 major)",
            "--- End of stack trace from previous location ---",
            "",
            "2026-12-01T02:07:51.1530000Z \u001b[41mcrit\u001b[49m: The database was not migrated: wrong master key",
        ]));
}

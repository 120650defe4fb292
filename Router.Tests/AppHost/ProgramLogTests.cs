using Router.AppHost.Development;

namespace Router.Tests.AppHost;

public sealed class ProgramLogTests
{
    [Fact]
    public void Of_a_program_that_logged_an_error_the_error_is_told() => Assert.Equal(
        ["The database was not migrated: wrong master key"],
        ProgramLog.Essence(
        [
            "2026-12-01T02:07:51.1530000Z \u001b[32minfo\u001b[39m: Router.Worker.Migrations.Seed[92269233]",
            "2026-12-01T02:07:51.1530000Z       Development router key X may use workspace default",
            "2026-12-01T02:07:51.1530000Z \u001b[41mcrit\u001b[49m: Router.Worker.Migrations.MigrateCommand[383545648]",
            "2026-12-01T02:07:51.1530000Z       The database was not migrated: wrong master key",
            "2026-12-01T02:07:51.1530000Z       System.InvalidOperationException: wrong master key",
            "2026-12-01T02:07:51.1530000Z          at Router.Worker.Migrations.MasterKeyFit.CheckAsync()",
            "2026-12-01T02:07:51.1530000Z info: Microsoft.Hosting.Lifetime[0]",
            "2026-12-01T02:07:51.1530000Z       Application is shutting down...",
        ]));

    [Fact]
    public void Of_any_other_its_words_are_told_without_the_orchestrators() => Assert.Equal(
        ["PostgreSQL is needed and was not found.", "  1. Install it."],
        ProgramLog.Essence(
        [
            "2026-12-01T02:07:51.1530000Z Failed to create resource postgres",
            "Aspire.Hosting.DistributedApplicationException: PostgreSQL is needed and was not found.",
            "  1. Install it.",
            "   at Router.AppHost.Local.PostgresBinaries.FindAsync(Nullable`1 major)",
            "--- End of stack trace from previous location ---",
            "",
            "2026-12-01T02:07:51.1530000Z [sys] Starting process...: Cmd = /bin/sh",
        ]));
}

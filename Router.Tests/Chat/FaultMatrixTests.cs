using System.Text.Json;
using System.Text.Json.Nodes;
using Router.Simulator;

namespace Router.Tests.Chat;

/// <summary>
/// Every fault, at providers of three dialects, in every kind of chain, as JSON and as a stream: the answer, the list of
/// attempts and what the provider really received are what the failure table of the public contract says.
/// </summary>
public sealed class FaultMatrixTests(FaultRun run) : IClassFixture<FaultRun>
{
    public static TheoryData<int, string> Numbers() =>
        [.. FaultRun.Cells.Select((cell, i) => new TheoryDataRow<int, string>(i, cell.Name))];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_fault_comes_to_what_the_contract_says(int number, string name)
    {
        FaultCell cell = FaultRun.Cells[number];
        FaultOutcome outcome = run.Of(cell);
        Expectation expected = cell.Expected;
        FaultAnswer answer = FaultAnswer.Read(outcome, cell.Stream);
        string shown = $"{name}\n{outcome.Status} {outcome.Body}";

        Assert.True(expected.Status == outcome.Status, shown);
        Assert.True(expected.Attempts == answer.Attempts(cell), $"{answer.Attempts(cell)} instead of {expected.Attempts}: {shown}");
        if (expected.Code is null)
        {
            // Whole, and called whole.
            Assert.True(answer.Text == cell.Text(), shown);
            Assert.True(answer.Error is null && answer.Finish == cell.Finish && answer.Done == cell.Stream, shown);
        }
        else
        {
            // Never a 200 for nothing, never a broken answer under the mark of a whole one.
            Assert.True(answer is { Error: not null, Finish: null, Done: false }, shown);
            Assert.True(expected.Code.Length == 0 || expected.Code == (string?)answer.Error!["code"], shown);
            Assert.True(expected.Status == 200 || answer.Text.Length == 0, shown);
        }

        AssertSameAsReceived(cell, outcome, answer, shown);
        Assert.True(outcome.Took < TimeSpan.FromSeconds(FaultCell.DeadlineSeconds), $"{outcome.Took}: {shown}");
    }

    [Fact]
    public void Every_fault_and_every_key_word_of_the_simulator_has_a_row()
    {
        string scripts = string.Concat(FaultTable.Rows.Select(row => row.Script));
        IEnumerable<string> members = Simulated("Faults.Fault").GetProperties().Where(member => member.CanWrite).Select(member => JsonNamingPolicy.CamelCase.ConvertName(member.Name));
        // What comes of a key that is missing or of another vendor no script can say: a route without a key is no route.
        IEnumerable<string> words = Enum.GetNames(Simulated("Keys.KeyWord")).Where(word => word is not ("Missing" or "Foreign" or "Good"));
        Assert.All(members, member => Assert.Contains($"\"{member}\":", scripts, StringComparison.Ordinal));
        Assert.All(words, word => Assert.Contains($"\"as\":\"{word.ToLowerInvariant()}", scripts, StringComparison.Ordinal));
    }

    private static Type Simulated(string name) => typeof(SimulatorApp).Assembly.GetType($"Router.Simulator.{name}", throwOnError: true)!;

    [Fact]
    public void A_malformed_line_is_left_out_and_counted_at_every_dialect()
    {
        FaultCell[] cells = [.. FaultRun.Cells.Where(cell => cell is { Row.Name: "malformed line", Stream: true })];
        Assert.Equal("oag", string.Concat(cells.Select(cell => cell.Dialect).Distinct()));
        Assert.All(cells, cell => Assert.Contains("1 malformed stream line", run.Of(cell).Body, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_kind_of_effect_is_played_in_every_chain_at_every_dialect()
    {
        var played = FaultRun.Cells.Select(cell => (cell.Effect, cell.Chain, cell.Dialect)).ToHashSet();
        foreach (Effect effect in Enum.GetValues<Effect>())
        {
            Assert.All(Enum.GetValues<Chain>(), chain => Assert.All("oag", dialect => Assert.Contains((effect, chain, dialect), played)));
        }
    }

    /// <summary>One attempt is one request upstream, made with the key and in the order the attempts tell.</summary>
    private static void AssertSameAsReceived(FaultCell cell, FaultOutcome outcome, FaultAnswer answer, string shown)
    {
        string[] told = [.. answer.Metadata!["attempts"]!.AsArray().Select(attempt => KeyOf(cell, cell.RoleOf((string)attempt!["credential_type"]!, (string)attempt["model"]!)))];
        string[] received = [.. outcome.Journal.OrderBy(entry => (long)entry["sequence"]!).Select(entry => (string)entry["key"]!)];
        Assert.True(told.SequenceEqual(received), $"told {string.Join(' ', told)}, received {string.Join(' ', received)}: {shown}");
        // A stream's headers are on their way with its first content, when its attempt is counted already.
        Assert.True($"{told.Length}" == outcome.Headers.GetValues("x-router-attempts").Single(), shown);
    }

    private static string KeyOf(FaultCell cell, string role) =>
        role == "other" ? cell.OtherKey
        : role.StartsWith("own", StringComparison.Ordinal) ? cell.OwnKey
        : FaultCell.SystemKey;
}

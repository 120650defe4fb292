using System.Diagnostics;

namespace Router.Tests.Simulator;

public sealed class SimulatorFaultTests(SimulatorHost simulator) : IClassFixture<SimulatorHost>
{
    [Fact]
    public async Task An_error_event_comes_after_the_chunks_it_was_asked_for_and_ends_the_stream()
    {
        var text = await StreamAsync("""{"errorEvent":true,"errorAfterChunks":2}""");

        Assert.Equal(4, Lines(text).Count);
        Assert.Contains("\"error\":", Lines(text)[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_event_can_be_the_first_event()
    {
        Assert.StartsWith("data: {\"error\"", await StreamAsync("""{"errorEvent":true}"""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"cutMidChunk":true}""", ",\"stream\":true")]
    [InlineData("""{"cutAfterChunks":1}""", ",\"stream\":true")]
    [InlineData("""{"cutMidChunk":true}""", "")]
    public async Task A_cut_breaks_the_connection(string fault, string members)
    {
        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => simulator.TextAsync(SimulatorHost.Chat("sim-good-cut", $"{members},\"simulate\":{fault}")));
    }

    [Fact]
    public async Task A_clean_cut_ends_the_body_without_a_finish_reason()
    {
        var text = await StreamAsync("""{"cutAfterChunks":1,"clean":true}""");

        Assert.Equal(2, Lines(text).Count);
        Assert.DoesNotContain("\"finish_reason\":\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_line_stands_in_the_middle_of_a_whole_stream()
    {
        var text = await StreamAsync("""{"malformedLine":true,"chunks":3}""");

        Assert.Equal("data: {oops", Lines(text)[2]);
        Assert.Equal("data: [DONE]", Lines(text)[^1]);
    }

    [Theory]
    [InlineData("""{"html":true}""", 502, "<html>")]
    [InlineData("""{"emptyBody":true}""", 200, "")]
    [InlineData("""{"okWithErrorBody":true}""", 200, "{\"error\"")]
    [InlineData("""{"status":418,"body":"teapot"}""", 418, "teapot")]
    public async Task A_whole_answer_can_be_replaced(string fault, int status, string start)
    {
        using var response = await simulator.Client.SendAsync(
            SimulatorHost.Chat("sim-good-replaced", $",\"simulate\":{fault}"), TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.StartsWith(start, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_character_split_between_two_reads_is_whole_again()
    {
        Assert.Contains("tok👋 ", await StreamAsync("""{"splitUtf8":true,"chunks":2}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_journal_proves_that_a_client_which_left_stopped_the_stream()
    {
        const string Key = "sim-good-leaving";
        using var left = new CancellationTokenSource();
        using (var response = await simulator.Client.SendAsync(
            SimulatorHost.Chat(Key, ""","stream":true,"simulate":{"stallAfterChunks":2}"""), HttpCompletionOption.ResponseHeadersRead, left.Token))
        {
            await using var stream = await response.Content.ReadAsStreamAsync(left.Token);
            await stream.ReadExactlyAsync(new byte[32], left.Token);
            var rest = stream.CopyToAsync(Stream.Null, left.Token);
            // Disposing alone would first drain the connection; a cancelled read closes it.
            await left.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rest);
        }

        var watch = Stopwatch.StartNew();
        var entry = (await simulator.JournalAsync(Key))[0]!;
        while (entry["endedAt"] is null && watch.Elapsed < TimeSpan.FromSeconds(2))
            entry = (await simulator.JournalAsync(Key))[0]!;

        Assert.True((bool)entry["clientGone"]!);
        Assert.False((bool)entry["completed"]!);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task The_journal_keeps_the_body_byte_for_byte()
    {
        const string Key = "sim-good-bytes";
        using var request = SimulatorHost.Chat(Key, ""","temperature":0.10,  "x":1.0e1""");
        var sent = await request.Content!.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        await simulator.TextAsync(request);

        Assert.Equal(sent, Convert.FromBase64String((string)(await simulator.JournalAsync(Key))[0]!["bodyBase64"]!));
    }

    private Task<string> StreamAsync(string fault) =>
        simulator.TextAsync(SimulatorHost.Chat("sim-good-stream", $",\"stream\":true,\"simulate\":{fault}"));

    private static List<string> Lines(string text) => [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)];
}

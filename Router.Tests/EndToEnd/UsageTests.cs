using System.Net;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

/// <summary>Every upstream request has its receipt, whatever became of it.</summary>
[Collection(StackCollection.Name)]
public sealed class UsageTests(Stack stack)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task There_are_as_many_receipts_as_requests_the_provider_counted()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        string key = $"sim-good-{workspace.Id}";
        await workspace.SaveKeyAsync(key);
        await stack.AdminAsync(HttpMethod.Put, $"/api/workspaces/{workspace.Id}/policy", new JsonObject { ["byok_only"] = true, ["byok_fee_percent"] = 10 });
        int before = (await stack.JournalAsync(key)).Count;
        string[] faults = ["", ""","simulate":{"status":500}""", ""","simulate":{"status":429}""", ""","simulate":{"cutAfterChunks":2}""", ""","simulate":{"status":400}"""];
        await Parallel.ForEachAsync(Enumerable.Range(0, 120), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (i, cancel) =>
        {
            string body = $$$"""{"model":"openai/gpt-4o","stream":{{{(i % 2 == 0 ? "true" : "false")}}},"messages":[{"role":"user","content":"Hello"}]{{{faults[i % faults.Length]}}},"fallback":{"max_attempts":2,"deadline":"5s"}}""";
            using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            if (i % 7 == 0)
            {
                leaving.CancelAfter(TimeSpan.FromMilliseconds(i % 14 == 0 ? 2 : 30)); // Some callers do not wait.
            }

            try
            {
                using HttpResponseMessage response = await stack.Api.SendAsync(workspace.Chat(body), leaving.Token);
                await response.Content.ReadAsStringAsync(leaving.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
            }
        });

        JsonArray attempts = [];
        int upstream = -1;
        for (int i = 0, seen = -1; i < 60 && (attempts.Count < upstream || attempts.Count != seen); i++)
        {
            seen = attempts.Count;
            await Task.Delay(250, Cancel);
            upstream = (await stack.JournalAsync(key)).Count - before;
            attempts = (JsonArray)(await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/attempts?limit=500"))["attempts"]!;
        }

        // A caller that leaves while its request is on its way to the provider leaves a receipt, though it may never have arrived. Nothing else may differ.
        int left = attempts.Count(attempt => (string)attempt!["outcome"]! == "cancelled" && attempt["time_to_first_token_ms"] is null);
        Assert.InRange(attempts.Count - upstream, 0, left);
        Assert.True(upstream > 60, $"The provider was asked {upstream} times only.");
        Assert.Equal(attempts.Count, attempts.Select(attempt => (string)attempt!["id"]!).Distinct().Count());
        Assert.All(attempts, attempt => Assert.Equal("byok", (string)attempt!["credential_type"]!));
        Assert.Contains(attempts, attempt => (string)attempt!["outcome"]! == "success");

        // The sums are the receipts'.
        JsonNode usage = await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/usage?group_by=model");
        JsonNode row = Assert.Single((JsonArray)usage["rows"]!)!;
        Assert.Equal("openai/gpt-4o", (string)row["group"]!);
        Assert.Equal(attempts.Count, (long)row["attempts"]!);
        Assert.Equal(attempts.Sum(attempt => (decimal?)attempt!["list_price_usd"] ?? 0), (decimal)row["list_price_usd"]!);
        Assert.Equal((decimal)row["list_price_usd"]! / 10, (decimal)row["charge_usd"]!);
    }

    [Fact]
    public async Task A_receipt_is_found_by_its_generation_and_says_what_the_answer_said()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(workspace.Chat("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hello"}]}"""));
        string generation = (string)body["metadata"]!["generation_id"]!;
        JsonNode? receipt = null;
        for (int i = 0; i < 40 && receipt is null; i++)
        {
            await Task.Delay(250, Cancel);
            receipt = ((JsonArray)(await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/attempts?generation_id={generation}"))["attempts"]!).SingleOrDefault();
        }

        Assert.NotNull(receipt);
        Assert.Equal((long)body["usage"]!["prompt_tokens"]!, (long)receipt["input_tokens"]!);
        Assert.Equal((long)body["usage"]!["completion_tokens"]!, (long)receipt["output_tokens"]!);
        Assert.False((bool)receipt["estimated"]!);
        Assert.Equal("system", (string)receipt["credential_type"]!);
        Assert.Equal((decimal)receipt["list_price_usd"]!, (decimal)receipt["charge_usd"]!);
        Assert.Equal(response.Headers.GetValues("x-trace-id").Single(), (string)receipt["trace_id"]!);
        TestWorkspace other = await stack.NewWorkspaceAsync();
        Assert.Empty((JsonArray)(await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{other.Id}/attempts?generation_id={generation}"))["attempts"]!);
    }

    [Theory]
    [InlineData("attempts?limit=0")]
    [InlineData("attempts?limit=501")]
    [InlineData("attempts?before=x")]
    [InlineData("attempts?before=99999999999999999999.00000000000000000000000000000000")]
    [InlineData("attempts?generation_id=x")]
    [InlineData("attempts?from=yesterday")]
    [InlineData("usage?group_by=content")]
    public async Task A_question_that_makes_no_sense_is_refused(string question)
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/{question}") { Headers = { Authorization = new("Bearer", stack.AdminKey) } };
        using HttpResponseMessage response = await stack.Api.SendAsync(request, Cancel);
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task Sums_are_by_day_unless_asked_otherwise()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        Assert.Equal("day", (string?)(await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/usage"))["group_by"]);
    }

    [Fact]
    public async Task Attempts_come_in_pages_without_gap_or_overlap()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        for (int i = 0; i < 7; i++)
        {
            await stack.SendAsync(workspace.Chat("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hello"}]}"""));
        }

        List<string> seen = [];
        for (int i = 0; i < 40 && seen.Count < 7; i++)
        {
            await Task.Delay(250, Cancel);
            seen.Clear();
            string? before = null;
            do
            {
                JsonNode page = await stack.AdminAsync(HttpMethod.Get, $"/api/workspaces/{workspace.Id}/attempts?limit=3{(before is null ? "" : $"&before={before}")}");
                seen.AddRange(((JsonArray)page["attempts"]!).Select(attempt => (string)attempt!["generation_id"]!));
                before = (string?)page["next_before"];
            }
            while (before is not null);
        }

        Assert.Equal(7, seen.Count);
        Assert.Equal(7, seen.Distinct().Count());
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Router.Tests.EndToEnd;

[Collection(StackCollection.Name)]
public sealed class TraceTests(Stack stack)
{
    private const int Server = 2;
    private const int Client = 3;

    [Fact]
    public async Task One_request_is_one_trace_with_a_span_for_every_attempt()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        await workspace.SaveKeyAsync($"sim-good-{workspace.Id}");
        await stack.ScriptAsync($"sim-good-{workspace.Id}", """{"on":"chat","script":[{"as":"ratelimited"}]}""");
        (HttpResponseMessage response, JsonNode body) = await stack.SendAsync(workspace.Chat("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"canary-content"}]}"""));
        string trace = response.Headers.GetValues("x-trace-id").Single();
        Assert.Equal(2, body["metadata"]!["attempts"]!.AsArray().Count);

        List<ExportedSpan> spans = await SpansAsync(trace, "POST /v1/chat/completions", "route openai/gpt-4o");
        ExportedSpan server = spans.Single(span => span.Kind == Server);
        Assert.Equal(("api", ""), (server.Service, server.ParentId));

        ExportedSpan request = Child(spans, server, "route openai/gpt-4o");
        Assert.Equal((string)body["metadata"]!["generation_id"]!, request.Tags["router.generation_id"]);
        Assert.Equal(workspace.Id, request.Tags["router.workspace"]);
        Assert.Equal("2", request.Tags["router.attempt.count"]);
        Assert.Equal("2", request.Tags["router.plan.size"]);

        List<ExportedSpan> attempts = [.. spans.Where(span => span.ParentId == request.SpanId && span.Name.StartsWith("chat gpt-4o [", StringComparison.Ordinal)).OrderBy(span => span.Tags["router.attempt.number"])];
        Assert.Equal(2, attempts.Count);
        Assert.All(attempts, attempt =>
        {
            Assert.Equal(Client, attempt.Kind);
            Assert.Equal("chat", attempt.Tags["gen_ai.operation.name"]);
            Assert.Equal("openai", attempt.Tags["gen_ai.provider.name"]);
            Assert.Equal("gpt-4o", attempt.Tags["gen_ai.request.model"]);
            Assert.Contains("server.address", attempt.Tags.Keys);
            ExportedSpan http = Assert.Single(spans, span => span.ParentId == attempt.SpanId && span.Kind == Client);
            Assert.Equal("POST", http.Tags["http.request.method"]);
        });
        Assert.Equal(["byok", "system"], attempts.Select(attempt => attempt.Tags["router.credential.type"]));
        Assert.Equal(("rate_limit", "429"), (attempts[0].Tags["router.failure.class"], attempts[0].Tags["error.type"]));
        Assert.DoesNotContain("error.type", attempts[1].Tags.Keys);
        Assert.Equal("stop", attempts[1].Tags["gen_ai.response.finish_reasons"]);
        Assert.True(int.Parse(attempts[1].Tags["gen_ai.usage.input_tokens"], System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.DoesNotContain(spans, span => span.ToString().Contains("canary-content", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/v1/models/none%2Fsuch?key=canary-query", "/v1/models/{", "404")]
    [InlineData("/no/such?key=canary-query", null, "404")]
    public async Task The_servers_span_has_the_route_and_the_outcome_and_not_the_query(string path, string? route, string status)
    {
        string trace = await GetAsync(path);
        ExportedSpan span = await stack.Otlp.WaitForAsync(all => all.FirstOrDefault(one => one.TraceId == trace && one.Kind == Server), "the server's span");
        Assert.Equal(("GET", "http", status), (span.Tags["http.request.method"], span.Tags["url.scheme"], span.Tags["http.response.status_code"]));
        Assert.Equal("1.1", span.Tags["network.protocol.version"]);
        Assert.Equal(Uri.UnescapeDataString(path.Split('?')[0]), Uri.UnescapeDataString(span.Tags["url.path"]));
        Assert.Equal((stack.Api.BaseAddress!.Host, $"{stack.Api.BaseAddress.Port}"), (span.Tags["server.address"], span.Tags["server.port"]));
        Assert.DoesNotContain("error.type", span.Tags.Keys);
        if (route is null)
        {
            Assert.Equal("GET", span.Name);
        }
        else
        {
            Assert.StartsWith(route, span.Tags["http.route"], StringComparison.Ordinal);
            Assert.Equal($"GET {span.Tags["http.route"]}", span.Name);
        }

        Assert.DoesNotContain("canary", span.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(span.Tags, tag => tag.Value.Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_servers_span_of_a_chat_that_failed_says_so()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        (HttpResponseMessage response, _) = await stack.SendAsync(workspace.Chat("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}],"simulate":{"status":500}}"""));
        Assert.Equal(502, (int)response.StatusCode);
        string trace = response.Headers.GetValues("x-trace-id").Single();
        ExportedSpan span = await stack.Otlp.WaitForAsync(all => all.FirstOrDefault(one => one.TraceId == trace && one.Kind == Server), "the server's span");
        Assert.Equal(("POST /v1/chat/completions", "/v1/chat/completions", "502", "502"), (span.Name, span.Tags["http.route"], span.Tags["http.response.status_code"], span.Tags["error.type"]));
        Assert.Equal("all_attempts_failed", span.Tags["router.error.code"]);
    }

    [Fact]
    public async Task A_method_nobody_knows_does_not_name_a_span()
    {
        string trace = await GetAsync("/v1/models", "BREW");
        ExportedSpan span = await stack.Otlp.WaitForAsync(all => all.FirstOrDefault(one => one.TraceId == trace && one.Kind == Server), "the server's span");
        Assert.Equal(("_OTHER", "BREW"), (span.Tags["http.request.method"], span.Tags["http.request.method_original"]));
        Assert.Equal("HTTP", span.Name.Split(' ')[0]);
    }

    [Fact]
    public async Task Probes_leave_no_trace_though_the_caller_records_one()
    {
        string[] probes = [await GetAsync("/health"), await GetAsync("/alive")];
        string after = await GetAsync("/v1/models");
        await stack.Otlp.WaitForAsync(all => all.FirstOrDefault(one => one.TraceId == after && one.Kind == Server), "a request after the probes");
        Assert.DoesNotContain(stack.Otlp.Spans, span => probes.Contains(span.TraceId));
    }

    /// <returns>The trace the caller had begun, and wanted to be recorded.</returns>
    private async Task<string> GetAsync(string path, string method = "GET")
    {
        string trace = Guid.NewGuid().ToString("N");
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Headers = { { "traceparent", $"00-{trace}-00f067aa0ba902b7-01" }, { "Authorization", $"Bearer {stack.RouterKey}" } } };
        using HttpResponseMessage response = await stack.Api.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(trace, response.Headers.GetValues("x-trace-id").Single());
        return trace;
    }

    [Fact]
    public async Task A_trace_begun_by_the_client_goes_on_here_and_no_further()
    {
        string trace = Guid.NewGuid().ToString("N");
        using HttpRequestMessage request = stack.Chat("""{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"sim-good-traced"}}}""");
        request.Headers.TryAddWithoutValidation("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        using HttpResponseMessage response = await stack.Api.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(trace, response.Headers.GetValues("x-trace-id").Single());
        await stack.Otlp.WaitForAsync(all => all.FirstOrDefault(span => span.TraceId == trace && span.Kind == Server && span.ParentId == "00f067aa0ba902b7"), "the client as parent");
        JsonNode entry = Assert.Single(await stack.JournalAsync("sim-good-traced"))!;
        Assert.DoesNotContain(trace, entry["headers"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recheck_by_the_worker_is_a_trace_of_its_own_linked_to_what_caused_it()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        string key = $"sim-good-{workspace.Id}";
        string fingerprint = (string)(await workspace.SaveKeyAsync(key))["fingerprint"]!;
        await stack.ScriptAsync(key, """{"as":"invalid"}""");
        (HttpResponseMessage response, _) = await stack.SendAsync(workspace.Chat("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}]}"""));
        string cause = response.Headers.GetValues("x-trace-id").Single();

        ExportedSpan check = await stack.Otlp.WaitForAsync(all => all.FirstOrDefault(span => span.Name == "recheck provider key" && span.Tags.GetValueOrDefault("router.credential.fingerprint") == fingerprint), "the re-check");
        Assert.Equal(("worker", ""), (check.Service, check.ParentId));
        Assert.Contains(cause, check.LinkedTraces);
        Assert.Equal((workspace.Id, "openai", "invalid"), (check.Tags["router.workspace"], check.Tags["gen_ai.provider.name"], check.Tags["router.check.outcome"]));

        await stack.Otlp.WaitForAsync(all => Children(all, check).FirstOrDefault(span => span.Tags.ContainsKey("http.request.method")), "the provider call of the re-check");
        await stack.Otlp.WaitForAsync(all => Children(all, check).FirstOrDefault(span => span.Scope == "Npgsql"), "the database in the re-check");
        await stack.Otlp.WaitForAsync(all => Children(all, check).FirstOrDefault(span => span.Tags.GetValueOrDefault("db.system.name") == "redis"), "the cache in the re-check");
    }

    [Fact]
    public async Task One_trace_tells_the_story_of_a_stream_that_was_rescued()
    {
        TestWorkspace workspace = await stack.NewWorkspaceAsync();
        string key = $"sim-good-{workspace.Id}";
        string fingerprint = (string)(await workspace.SaveKeyAsync(key))["fingerprint"]!;
        await stack.ScriptAsync(key, """{"as":"invalid"}""");
        using HttpResponseMessage response = await stack.Api.SendAsync(workspace.Chat("""{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}"""), TestContext.Current.CancellationToken);
        string answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("data: [DONE]\n\n", answer, StringComparison.Ordinal);
        string trace = response.Headers.GetValues("x-trace-id").Single();
        string generation = response.Headers.GetValues("x-generation-id").Single();

        List<ExportedSpan> spans = await SpansAsync(trace, "POST /v1/chat/completions", "route openai/gpt-4o", "share credential health", "request key check");

        // The answer: from the API's door to the plan.
        ExportedSpan server = spans.Single(span => span.Kind == Server);
        Assert.Equal(generation, server.Tags["router.generation_id"]);
        ExportedSpan request = Child(spans, server, "route openai/gpt-4o");
        Assert.Equal((generation, "2", "2"), (request.Tags["router.generation_id"], request.Tags["router.plan.size"], request.Tags["router.attempt.count"]));
        Assert.True(double.Parse(request.Tags["router.cost.usd"], System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.Equal(["router.fallback", "router.credential.cooldown"], request.Events);

        // Two attempts: what failed and why the router moved on, what served, what it cost.
        List<ExportedSpan> attempts = [.. spans.Where(span => span.ParentId == request.SpanId && span.Name.StartsWith("chat gpt-4o [", StringComparison.Ordinal)).OrderBy(span => span.Tags["router.attempt.number"])];
        Assert.Equal(2, attempts.Count);
        Assert.Equal(("byok", fingerprint, "credential", "401"), (attempts[0].Tags["router.credential.type"], attempts[0].Tags["router.credential.fingerprint"], attempts[0].Tags["router.failure.class"], attempts[0].Tags["error.type"]));
        Assert.DoesNotContain("router.attempt.reason", attempts[0].Tags.Keys);
        Assert.DoesNotContain("router.cost.usd", attempts[0].Tags.Keys);
        Assert.Equal(("system", "credential"), (attempts[1].Tags["router.credential.type"], attempts[1].Tags["router.attempt.reason"]));
        Assert.Equal(request.Tags["router.cost.usd"], attempts[1].Tags["router.cost.usd"]);
        Assert.Contains("gen_ai.response.time_to_first_chunk", attempts[1].Tags.Keys);
        Assert.Equal(["router.stream.commit"], attempts[1].Events);
        Assert.All(attempts, attempt => Assert.Single(spans, span => span.ParentId == attempt.SpanId && span.Kind == Client && span.Tags["http.request.method"] == "POST"));

        // What it set off: other replicas hear of the key through Redis, the worker through Postgres.
        ExportedSpan shared = Child(spans, request, "share credential health");
        Assert.Equal(["PUBLISH", "SET"], Children(spans, shared).Select(span => span.Name).Order());
        ExportedSpan asked = Child(spans, request, "request key check");
        Assert.Equal("Npgsql", Assert.Single(Children(spans, asked)).Scope);

        // The worker's early look, a trace of its own, linked to this one.
        ExportedSpan check = await stack.Otlp.WaitForAsync(all => all.FirstOrDefault(span => span.Name == "recheck provider key" && span.LinkedTraces.Contains(trace)), "the re-check");
        Assert.Equal(("worker", "live_failure", fingerprint), (check.Service, check.Tags["router.check.trigger"], check.Tags["router.credential.fingerprint"]));
    }

    /// <param name="parents">The trace's spans that have others below them. They end in any order, in batches of their own; what is below each is there with it.</param>
    private Task<List<ExportedSpan>> SpansAsync(string trace, params string[] parents) =>
        stack.Otlp.WaitForAsync(all => all.Where(span => span.TraceId == trace).ToList() is { } found && parents.All(name => found.Exists(span => span.Name == name)) ? found : null, string.Join(", ", parents));

    private static IEnumerable<ExportedSpan> Children(IEnumerable<ExportedSpan> spans, ExportedSpan parent) =>
        spans.Where(span => span.TraceId == parent.TraceId && span.ParentId == parent.SpanId);

    [SuppressMessage("Assertions", "xUnit2031", Justification = "The message of Single names what is missing.")]
    private static ExportedSpan Child(IEnumerable<ExportedSpan> spans, ExportedSpan parent, string name) =>
        Assert.Single(Children(spans, parent), span => span.Name == name);
}

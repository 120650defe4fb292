using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Router.Core.Telemetry;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>Trace context stays here unless the operator sends it on.</summary>
public sealed class PropagationTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    [Theory]
    [InlineData(null, "01", false)]
    [InlineData("false", "01", false)]
    [InlineData("true", "01", true)]
    [InlineData(null, "00", false)]
    [InlineData("true", "00", true)]
    public async Task A_provider_gets_the_trace_id_only_when_told_to_and_never_state_or_baggage(string? setting, string flags, bool sent)
    {
        string key = $"sim-good-propagation-{setting}-{flags}";
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is RouterTelemetry.Name or "Microsoft.AspNetCore" or "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceFlags == ActivityTraceFlags.Recorded ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.PropagationData,
        };
        ActivitySource.AddActivityListener(listener);
        await using ApiHost host = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.ToString(), settings: setting is null ? [] : [("Router:Telemetry:PropagateToProviders", setting)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent("""{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Hi"}],"provider_credentials":{"openai":{"api_key":"KEY"}}}""".Replace("KEY", key, StringComparison.Ordinal), Encoding.UTF8, "application/json"),
        };
        string trace = Guid.NewGuid().ToString("N");
        request.Headers.TryAddWithoutValidation("traceparent", $"00-{trace}-00f067aa0ba902b7-{flags}");
        request.Headers.TryAddWithoutValidation("tracestate", "secret=state");
        request.Headers.TryAddWithoutValidation("baggage", "secret=baggage");
        using HttpResponseMessage response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode);

        string headers = Assert.Single(await pipeline.JournalAsync(key))!["headers"]!.ToJsonString();
        Assert.Equal(sent, headers.Contains(trace, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", headers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c")]
    [InlineData("00-zzzz-b7ad6b7169203331-01", null)]
    [InlineData(null, null)]
    public async Task Where_nobody_listens_a_request_has_a_trace_id_all_the_same(string? traceparent, string? expected)
    {
        await using ApiHost host = await ApiHost.StartAsync(pipeline.Simulator.BaseAddress!.ToString(), settings: ("OTEL_SDK_DISABLED", "true"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        if (traceparent is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", traceparent);
        }

        using HttpResponseMessage response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        string trace = response.Headers.GetValues("x-trace-id").Single();
        Assert.Matches("^(?!0{32})[0-9a-f]{32}$", trace);
        Assert.True(expected is null || expected == trace, trace);
    }
}

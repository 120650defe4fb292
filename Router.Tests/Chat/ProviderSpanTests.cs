using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Router.Core.Providers;
using Router.Core.Telemetry;
using Router.Tests.Support;

namespace Router.Tests.Chat;

/// <summary>The span of a call to a provider: by the conventions, without a query, and only where somebody will read it.</summary>
public sealed class ProviderSpanTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_refusal_is_an_error_and_the_query_stays_out()
    {
        Uri simulator = pipeline.Simulator.BaseAddress!;
        (Activity span, _) = await SendAsync(new Uri(simulator, "openai/v1/models?key=secret-in-a-query"));
        Assert.Equal("GET", span.DisplayName);
        Assert.Equal(ActivityKind.Client, span.Kind);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal("GET", span.GetTagItem("http.request.method"));
        Assert.Equal(401, span.GetTagItem("http.response.status_code"));
        Assert.Equal("401", span.GetTagItem("error.type"));
        Assert.Equal(simulator.Host, span.GetTagItem("server.address"));
        Assert.Equal(simulator.Port, span.GetTagItem("server.port"));
        Assert.Equal("1.1", span.GetTagItem("network.protocol.version"));
        Assert.Equal(new Uri(simulator, "openai/v1/models").ToString(), span.GetTagItem("url.full"));
        Assert.DoesNotContain(span.TagObjects, tag => tag.Value is string text && text.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_that_refuses_is_named_as_the_conventions_do()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        // Bound and not listening: nobody else can take the port, and it refuses.
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        (Activity span, Exception? failure) = await SendAsync(new Uri($"http://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}/v1/models"));
        Assert.IsType<HttpRequestException>(failure);
        Assert.Equal("connection_error", span.GetTagItem("error.type"));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Null(span.GetTagItem("http.response.status_code"));
    }

    private static async Task<(Activity Span, Exception? Failure)> SendAsync(Uri address)
    {
        using var parent = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        parent.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        List<Activity> spans = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RouterTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == parent.TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == parent.TraceId)
                {
                    lock (spans)
                    {
                        spans.Add(span);
                    }
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var http = new ProviderHttp();
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        Exception? failure = await Record.ExceptionAsync(async () => (await http.Invoker.SendAsync(request, Cancel)).Dispose());
        return (Assert.Single(spans), failure);
    }
}

using System.Collections.Concurrent;
using System.Text;
using Microsoft.Playwright;

namespace Router.BrowserTests;

/// <summary>
/// One person's browser: what it complained of, and everything the server sent it. A visit that ends with a complaint (a
/// script error, a policy violation) fails its test.
/// </summary>
public sealed class StudioVisit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<byte[]> _received = new();
    private readonly List<string> _expected = [];

    public StudioVisit(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                _complaints.Enqueue(message.Text);
        };
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.WebSocket += (_, socket) => socket.FrameReceived += (_, frame) => _received.Enqueue(frame.Binary ?? Encoding.UTF8.GetBytes(frame.Text ?? ""));
        page.Response += async (_, response) =>
        {
            if (response.Request.ResourceType is not ("document" or "fetch" or "xhr"))
                return;
            try
            {
                _received.Enqueue(await response.BodyAsync());
            }
            catch (PlaywrightException)
            {
                // A redirect or a page left meanwhile has no body to read.
            }
        };
    }

    public IPage Page { get; }

    public IReadOnlyCollection<string> Complaints => [.. _complaints.Where(complaint => !_expected.Any(text => complaint.Contains(text, StringComparison.Ordinal)))];

    /// <summary>A browser complains of a page's status, which is the very one the test is about.</summary>
    public void ExpectStatus(int status) => _expected.Add($"status of {status}");

    /// <summary>Whether the text came from the server in any answer or web socket frame.</summary>
    public bool Received(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return _received.Any(frame => frame.AsSpan().IndexOf(bytes) >= 0);
    }

    public int FramesReceived => _received.Count;

    /// <summary>Keeps a picture beside the test results.</summary>
    public async Task ShootAsync(string name)
    {
        var directory = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "TestResults", "screenshots"));
        var file = Path.Combine(directory.FullName, $"{name}.png");
        await Page.ScreenshotAsync(new() { Path = file, FullPage = true });
        TestContext.Current.AddAttachment($"{name}.png", await File.ReadAllBytesAsync(file), "image/png");
    }

    public ILocator Row(string provider) => Page.Locator($"tr[data-provider='{provider}']");

    public async Task ChooseAsync(string link)
    {
        await Page.Locator("nav").GetByText(link, new() { Exact = true }).ClickAsync();
        await Page.Locator(".studio h1", new() { HasTextString = link }).WaitForAsync();
    }

    public async Task AddKeyAsync(string provider, string key)
    {
        await Page.ClickAsync("#add-key");
        await Page.SelectOptionAsync("#provider", provider);
        await Page.FillAsync("#secret", key);
        await Page.ClickAsync("#save-key");
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        if (TestContext.Current.TestState?.Result != TestResult.Failed)
            Assert.Empty(Complaints);
    }
}

using Microsoft.Playwright;

namespace Router.BrowserTests;

/// <summary>
/// The browser that is on the machine; none is downloaded. <c>ROUTER_BROWSER</c> names one that lies elsewhere. Without a
/// browser every test is skipped and says so.
/// </summary>
public static class Browser
{
    public const string Missing = "There is no Chromium or Chrome on this machine (ROUTER_BROWSER may name one).";

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    public static string? Path { get; } = Environment.GetEnvironmentVariable("ROUTER_BROWSER") is { Length: > 0 } named
        ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
            .SelectMany(directory => Names.Select(name => System.IO.Path.Combine(directory, name)))
            .Append("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
            .FirstOrDefault(File.Exists);

    public static bool IsPresent => Path is not null;

    /// <remarks>Chromium's own sandbox does not start for root, which is who runs tests in most containers.</remarks>
    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new() { ExecutablePath = Path, ChromiumSandbox = false });
}

using System.Collections.Concurrent;

namespace Router.AppHost.Embedded;

/// <summary>Every resource's output: prefixed on the console, the last lines kept for messages and tests.</summary>
internal sealed class LogHub(bool toConsole, int nameWidth)
{
    private const int Kept = 200;

    private static readonly string[] s_colours = ["\e[36m", "\e[32m", "\e[33m", "\e[35m", "\e[34m", "\e[96m", "\e[92m", "\e[95m"];

    private readonly ConcurrentDictionary<string, Queue<string>> _lines = new();
    private readonly List<string> _names = [];
    private readonly bool _colour = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

    public void Write(string resource, string line)
    {
        var lines = _lines.GetOrAdd(resource, _ => new Queue<string>());
        lock (lines)
        {
            lines.Enqueue(line);
            if (lines.Count > Kept) lines.Dequeue();
        }

        if (toConsole) Console.Out.WriteLine(Prefix(resource) + line);
    }

    public IReadOnlyList<string> Tail(string resource, int count = Kept)
    {
        if (!_lines.TryGetValue(resource, out var lines)) return [];
        lock (lines) return [.. lines.TakeLast(count)];
    }

    private string Prefix(string resource)
    {
        var name = resource.PadRight(nameWidth);
        if (!_colour) return name + " | ";
        int index;
        lock (_names)
        {
            index = _names.IndexOf(resource);
            if (index < 0)
            {
                index = _names.Count;
                _names.Add(resource);
            }
        }

        return $"{s_colours[index % s_colours.Length]}{name} |\e[0m ";
    }
}

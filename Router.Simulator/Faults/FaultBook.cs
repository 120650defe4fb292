using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Router.Simulator.Faults;

/// <summary>
/// Scripts kept per key. One object answers every request of the key; a <c>script</c> list is consumed one entry
/// per request and then forgotten. <c>"on":"chat"</c> or <c>"on":"check"</c> leaves the other kind of call alone.
/// </summary>
internal sealed class FaultBook
{
    private readonly ConcurrentDictionary<string, KeyScript> _scripts = new(StringComparer.Ordinal);

    public void Put(string key, JsonObject json)
    {
        var on = (string?)json["on"];
        json.Remove("on");
        _scripts[key] = json["script"] is JsonArray list
            ? new KeyScript(on, null, new ConcurrentQueue<Fault>(list.Select(FaultReader.Parse)))
            : new KeyScript(on, FaultReader.Parse(json), null);
    }

    public void Remove(string key) => _scripts.TryRemove(key, out _);

    public void Clear() => _scripts.Clear();

    /// <summary>The fault for the next request of this key, or null when none is scripted.</summary>
    public Fault? Next(string key, Operation operation)
    {
        if (_scripts.IsEmpty || !_scripts.TryGetValue(key, out var script) || !script.Covers(operation))
            return null;
        if (script.Queue is not { } queue)
            return script.Always;
        // The exchange of a token is a step of a request, not a request of its own.
        return operation is not Operation.Token && queue.TryDequeue(out var next) ? next : null;
    }

    private sealed record KeyScript(string? On, Fault? Always, ConcurrentQueue<Fault>? Queue)
    {
        public bool Covers(Operation operation) => On switch
        {
            "chat" => operation.IsInference(),
            "check" => !operation.IsInference(),
            _ => true,
        };
    }
}

using Microsoft.Extensions.Time.Testing;
using Router.Core.Limits;
using StackExchange.Redis;

namespace Router.Tests.Limits;

/// <summary>What the script does, in memory, on the test's clock. Replies can be held back, and the server can be gone.</summary>
internal sealed class ScriptedCounter(FakeTimeProvider time, string key = "k") : ILimitCounter
{
    private readonly Queue<(TaskCompletionSource<CounterReply> Reply, CounterReply Value)> _held = [];
    private long _window = -1;
    private long _used;
    private long _ahead;
    private readonly Dictionary<string, long> _charged = [];

    public bool Gone { get; set; }

    /// <summary>It does what it is told, and its replies are lost.</summary>
    public bool Mute { get; set; }

    /// <summary>Replies wait for <see cref="Release"/>.</summary>
    public bool Holds { get; set; }

    public List<CounterDraw> Draws { get; } = [];

    public long Used => _used;

    public long CurrentWindow(LimitRule rule) => Now(rule) / rule.Window.Ticks;

    public Task<CounterReply> ExchangeAsync(string _, CounterDraw draw)
    {
        Draws.Add(draw);
        if (Gone)
            return Task.FromException<CounterReply>(new RedisException("Gone."));
        var now = Now(draw.Rule);
        var window = now / draw.Rule.Window.Ticks;
        if (window != _window)
        {
            (_window, _used, _ahead) = (window, window == _window + 1 ? _ahead : 0, 0);
            _charged.Clear();
        }

        if (draw.GiveWindow == window)
            _used = Math.Max(_used - draw.Give, 0);
        if (draw.Charge > 0 && draw.ChargedIn == window && draw.Charge > _charged.GetValueOrDefault(draw.Origin))
        {
            _used += draw.Charge - _charged.GetValueOrDefault(draw.Origin);
            _charged[draw.Origin] = draw.Charge;
        }

        var next = draw.Next == window + 1;
        var left = Math.Max(draw.Rule.Amount - (next ? _ahead : _used), 0);
        var granted = Math.Min(left, Math.Max(draw.Need, Math.Min(draw.Want, left / 4)));
        var ends = TimeSpan.FromTicks(((window + 1) * draw.Rule.Window.Ticks) - now);
        CounterReply reply;
        if (next)
        {
            _ahead += granted;
            reply = new(granted, _ahead, window + 1, ends + draw.Rule.Window, ends);
        }
        else
        {
            _used += granted;
            reply = new(granted, _used, window, ends);
        }

        if (Mute)
            return Task.FromException<CounterReply>(new TimeoutException());
        if (!Holds)
            return Task.FromResult(reply);
        var held = new TaskCompletionSource<CounterReply>();
        _held.Enqueue((held, reply));
        return held.Task;
    }

    /// <summary>Numbered and shifted as the real counter's are.</summary>
    private long Now(LimitRule rule) =>
        (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks + (RedisLimitCounter.Phase(key, (long)rule.Window.TotalMilliseconds) * TimeSpan.TicksPerMillisecond);

    /// <summary>Lets the oldest held reply through.</summary>
    public void Release()
    {
        if (_held.TryDequeue(out var oldest))
            oldest.Reply.SetResult(oldest.Value);
    }
}

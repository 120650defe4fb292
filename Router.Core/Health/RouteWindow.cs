namespace Router.Core.Health;

/// <summary>
/// The aging sums of one route: after every half-life what came before counts half as much. Locks are held for a few
/// instructions.
/// </summary>
internal sealed class RouteWindow(TimeSpan halfLife)
{
    /// <summary>So many half-lives after the last attempt a measurement says nothing about now.</summary>
    public const int Lifetime = 6;

    /// <summary>Fewer aged failures than this are bad luck, not a failing route.</summary>
    private const double LeastFailures = 2.5;

    /// <summary>Less than what is left of one stream, or one token, at the end of that time: other traffic keeps nothing alive.</summary>
    private const double Trace = 0.9 / (1 << Lifetime);

    private readonly Lock _lock = new();
    private RouteSample _sum;
    private RouteSample _unshared;
    private DateTimeOffset _at = DateTimeOffset.MinValue;

    /// <summary>When it was last added to.</summary>
    public DateTimeOffset At
    {
        get
        {
            lock (_lock)
            {
                return _at;
            }
        }
    }

    /// <param name="own">Measured here, so others are to be told.</param>
    /// <param name="age">How long ago it was measured.</param>
    public void Add(RouteSample sample, bool own, DateTimeOffset now, TimeSpan age = default)
    {
        lock (_lock)
        {
            DateTimeOffset at = now - age;
            if (at > _at)
            {
                _sum *= Weight(at - _at);
                _unshared *= Weight(at - _at);
                _at = at;
            }

            sample *= Weight(_at - at);
            _sum += sample;
            _unshared = own ? _unshared + sample : _unshared;
        }
    }

    /// <summary>Takes what was stored of all replicas together, unless more is known here.</summary>
    public void Adopt(RouteSample stored, DateTimeOffset now, TimeSpan age)
    {
        lock (_lock)
        {
            if (stored.Attempts * Weight(age) > _sum.Attempts * Weight(now - _at))
            {
                (_sum, _at) = (stored, now - age);
            }
        }
    }

    /// <summary>All that is known, aged to now.</summary>
    public RouteSample Sum(DateTimeOffset now)
    {
        lock (_lock)
        {
            return IsStale(now) ? default : _sum * Weight(now - _at);
        }
    }

    /// <param name="sum">Aged to now.</param>
    public static RouteMeasurement Measure(RouteSample sum) => sum.Attempts <= 0 ? RouteMeasurement.None : new(
        sum.Streams > Trace ? TimeSpan.FromSeconds(sum.LatencySeconds / sum.Streams) : null,
        sum.Tokens > Trace && sum.TokenSeconds > 0 ? sum.Tokens / sum.TokenSeconds : null,
        sum.Failures >= LeastFailures && sum.Failures > sum.Attempts / 2);

    /// <summary>What was measured here since the last time, and the sum of everything, to be stored; null when there is nothing new.</summary>
    public (RouteSample Own, RouteSample Sum)? Take(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_unshared.Attempts <= 0)
            {
                return null;
            }

            double weight = Weight(now - _at);
            RouteSample own = _unshared * weight;
            _unshared = default;
            return (own, _sum * weight);
        }
    }

    /// <summary>Puts back what could not be shared.</summary>
    public void GiveBack(RouteSample own)
    {
        lock (_lock)
        {
            _unshared += own;
        }
    }

    public bool IsForgotten(DateTimeOffset now)
    {
        lock (_lock)
        {
            return IsStale(now);
        }
    }

    private bool IsStale(DateTimeOffset now) => _at == DateTimeOffset.MinValue || now - _at > halfLife * Lifetime;

    /// <summary>1 now, a half after a half-life.</summary>
    private double Weight(TimeSpan age) => age <= TimeSpan.Zero ? 1 : Math.Pow(0.5, age / halfLife);
}

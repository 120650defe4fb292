using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Router.Core;

/// <summary>
/// How long a loop has had its thread without a wait. What a loop reads may always be there already, as a caller that pipelines or a
/// provider that floods can see to: it would never give its thread back, and a thread that polls sockets serves many. Such a loop asks
/// after each step, and goes on elsewhere (<see cref="PoolThread.Yield"/>) once its turn is over. Not thread-safe.
/// </summary>
public struct Turn
{
    /// <summary>About what other requests may have to wait for one.</summary>
    private static readonly long s_longest = Stopwatch.Frequency / 1000;

    /// <summary>Between two looks at the clock: a loop that waits in time never looks.</summary>
    private const int Steps = 16;

    /// <summary>As much to go through counts as a step.</summary>
    private const int StepBytes = 4 * 1024;

    private int _steps;
    private long _since;

    /// <summary>The loop has waited: its turn begins anew.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Begin() => (_steps, _since) = (0, 0);

    /// <summary>Counts a step that needed no wait.</summary>
    /// <param name="bytes">What it brought to go through.</param>
    /// <returns>True: it is time to yield. The next turn has begun then.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsOver(int bytes = 0)
    {
        _steps += 1 + bytes / StepBytes;
        return _steps >= Steps && Look();
    }

    private bool Look()
    {
        long now = Stopwatch.GetTimestamp();
        bool first = _since == 0;
        bool over = !first && now - _since > s_longest;
        (_steps, _since) = (0, over ? 0 : first ? now : _since);
        return over;
    }
}

using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Router.Core.Routing.Cel;

/// <summary>
/// A regular expression of a condition: linear in the text, as RE2 is. It is made when it is first asked, on the time of the request that
/// asks. What it then keeps in memory grows with what it has met, so it is let go of after a while, and when too many others are kept.
/// </summary>
internal sealed class CelPattern
{
    /// <summary>In characters.</summary>
    private const int Longest = 512;

    /// <summary>How many the process keeps made, those asked last; each takes some megabytes at most.</summary>
    internal const int MostKept = 64;

    /// <summary>Of all matches of one request together; one that is under way when the time is used up may take as long again.</summary>
    public static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(250);

    /// <summary>What grows while it matches is made anew after it has matched for so long.</summary>
    private static readonly TimeSpan s_renewedAfter = TimeSpan.FromSeconds(1);

    private static readonly Lock s_keeping = new();
    private static readonly LinkedList<CelPattern> s_kept = new();

    private readonly string _text;
    private readonly bool _keep;
    private LinkedListNode<CelPattern>? _place;
    private Regex? _made;
    private TimeSpan _matched;

    private CelPattern(string text, bool keep) => (_text, _keep) = (text, keep);

    /// <summary>How many the process keeps made.</summary>
    internal static int Kept
    {
        get
        {
            lock (s_keeping)
            {
                return s_kept.Count;
            }
        }
    }

    /// <summary>Null for what is no pattern, or one that is too large.</summary>
    /// <param name="keep">It will be asked again. One that an expression has put together will not, and takes no other's place.</param>
    public static CelPattern? TryParse(string text, bool keep = true)
    {
        if (text.Length > Longest || !CelPatternSize.IsSmall(text))
        {
            return null;
        }

        try
        {
            // Only read: to make the automaton costs a hundred times as much.
            _ = new Regex(text, RegexOptions.CultureInvariant);
            return new CelPattern(text, keep);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether it is found in the text.</summary>
    /// <param name="left">What is left of the request's time for patterns.</param>
    /// <exception cref="RegexMatchTimeoutException">It took too long.</exception>
    /// <exception cref="NotSupportedException">The pattern cannot be matched in linear time.</exception>
    public bool IsIn(string text, ref TimeSpan left)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            return Made().IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            left = TimeSpan.Zero;
            throw;
        }
        finally
        {
            TimeSpan taken = Stopwatch.GetElapsedTime(start);
            left -= taken;
            Count(taken);
        }
    }

    private Regex Made()
    {
        lock (s_keeping)
        {
            if (_made is { } made)
            {
                s_kept.Remove(_place!);
                s_kept.AddFirst(_place!);
                return made;
            }
        }

        var regex = new Regex(_text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, LongestMatch);
        if (!_keep)
        {
            return regex;
        }

        lock (s_keeping)
        {
            if (_made is null)
            {
                (_made, _matched) = (regex, TimeSpan.Zero);
                _place = s_kept.AddFirst(this);
                if (s_kept.Count > MostKept)
                {
                    s_kept.Last!.Value.LetGo();
                }
            }

            return _made;
        }
    }

    private void Count(TimeSpan taken)
    {
        lock (s_keeping)
        {
            _matched += taken;
            if (_made is not null && _matched > s_renewedAfter)
            {
                LetGo();
            }
        }
    }

    private void LetGo()
    {
        s_kept.Remove(_place!);
        (_made, _place) = (null, null);
    }
}

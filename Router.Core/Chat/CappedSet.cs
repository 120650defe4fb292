using System.Collections;
using System.Globalization;

namespace Router.Core.Chat;

/// <summary>
/// What is told to a person, each thing once and in the order it came, and no more of it than a person reads. Of the rest it is only known
/// how many there are: a body can hold a hundred thousand things to tell of, and to add one costs the same each time.
/// </summary>
/// <param name="more">What is said of those that are not listed, with their number in the place of <c>{0}</c>.</param>
public sealed class CappedSet(string more) : IEnumerable<string>
{
    /// <summary>How many are listed.</summary>
    public const int Most = 64;

    /// <summary>How far the others are counted.</summary>
    public const int MostCounted = 1_000;

    private readonly List<string> _listed = [];
    private HashSet<string>? _known;
    private List<int>? _others;
    private HashSet<int>? _otherHashes;

    /// <summary>All of them, the listed and the counted.</summary>
    public int Count => _listed.Count + (_others?.Count ?? 0);

    /// <summary>Nothing that is added makes a difference any more, and nobody need put it into words.</summary>
    public bool IsFull => _others?.Count >= MostCounted;

    public string First => _listed[0];

    public void Add(string text)
    {
        _known ??= new HashSet<string>(StringComparer.Ordinal);
        if (_known.Contains(text))
        {
            return;
        }

        if (_listed.Count < Most)
        {
            _known.Add(text);
            _listed.Add(text);
        }
        else if ((_others ??= []).Count < MostCounted && (_otherHashes ??= []).Add(string.GetHashCode(text, StringComparison.Ordinal)))
        {
            _others.Add(string.GetHashCode(text, StringComparison.Ordinal));
        }
    }

    public void AddRange(IEnumerable<string> texts)
    {
        foreach (string text in texts)
        {
            Add(text);
        }
    }

    /// <summary>Takes back what was added since there were so many.</summary>
    public void Rewind(int count)
    {
        while (Count > count)
        {
            if (_others is { Count: > 0 } others)
            {
                _otherHashes!.Remove(others[^1]);
                others.RemoveAt(others.Count - 1);
            }
            else
            {
                _known!.Remove(_listed[^1]);
                _listed.RemoveAt(_listed.Count - 1);
            }
        }
    }

    /// <summary>Those listed, then how many more there are.</summary>
    public IEnumerator<string> GetEnumerator()
    {
        foreach (string text in _listed)
        {
            yield return text;
        }

        if (_others is { Count: > 0 } others)
        {
            yield return string.Format(CultureInfo.InvariantCulture, more, others.Count < MostCounted ? $"{others.Count}" : $"at least {MostCounted}");
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

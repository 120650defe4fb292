using System.Globalization;

namespace Router.Core.Routing.Cel;

/// <summary>
/// How large a regular expression is once its counted repetitions are written out: <c>((a{9}){9}){9}</c> is 729 characters of automaton in
/// 17 of text. Also finds what cannot be matched in linear time.
/// </summary>
internal static class CelPatternSize
{
    /// <summary>Characters, classes and anchors after all counted repetitions are written out; RE2's bound for repetitions.</summary>
    private const int Most = 1_000;

    /// <summary>What may follow <c>(?</c>: look-arounds, atomic groups and conditions are not among it.</summary>
    private const string Groups = ":imnsx-<'P#";

    public static bool IsSmall(string pattern)
    {
        // The sizes of the groups that are open, and of what stands last in the innermost.
        Stack<long> outer = new();
        (long size, long last) = (0, 0);
        for (int i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    if (++i < pattern.Length && (char.IsBetween(pattern[i], '1', '9') || pattern[i] is 'k' or 'G'))
                    {
                        return false;
                    }

                    (size, last) = (size + 1, 1);
                    break;
                case '[':
                    i = EndOfClass(pattern, i);
                    (size, last) = (size + 1, 1);
                    break;
                case '(':
                    if (!IsPlain(pattern, i))
                    {
                        return false;
                    }

                    outer.Push(size);
                    (size, last) = (0, 0);
                    i = EndOfKind(pattern, i);
                    break;
                case ')':
                    if (!outer.TryPop(out long before))
                    {
                        return false;
                    }

                    (size, last) = (before + size, Math.Max(size, 1));
                    break;
                case '{' when Times(pattern, ref i) is { } times:
                    size += last * (Math.Max(times, 1) - 1);
                    last *= Math.Max(times, 1);
                    break;
                default:
                    (size, last) = (size + 1, 1);
                    break;
            }

            if (size > Most)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>No look-around: those begin with <c>=</c> or <c>!</c>, after <c>&lt;</c> too.</summary>
    private static bool IsPlain(string pattern, int open) =>
        open + 2 >= pattern.Length || pattern[open + 1] != '?'
        || (Groups.Contains(pattern[open + 2], StringComparison.Ordinal) && !(pattern[open + 2] == '<' && open + 3 < pattern.Length && pattern[open + 3] is '=' or '!'));

    /// <summary>The last character of what says which kind of group it is: <c>(?:</c>, <c>(?&lt;name&gt;</c>, <c>(?i</c>.</summary>
    private static int EndOfKind(string pattern, int open)
    {
        if (open + 2 >= pattern.Length || pattern[open + 1] != '?')
        {
            return open;
        }

        int end = pattern.AsSpan(open + 2).IndexOfAny(":>)");
        return end < 0 ? pattern.Length : open + 2 + end - (pattern[open + 2 + end] == ')' ? 1 : 0);
    }

    private static int EndOfClass(string pattern, int open)
    {
        int depth = 0;
        for (int i = open; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    break;
                case '[' when i == open || pattern[i - 1] == '-':
                    depth++;
                    // A bracket that comes first is one of the class.
                    i += i + 1 < pattern.Length && pattern[i + 1] == '^' ? 1 : 0;
                    i += i + 1 < pattern.Length && pattern[i + 1] == ']' ? 1 : 0;
                    break;
                case ']' when --depth == 0:
                    return i;
            }
        }

        return pattern.Length;
    }

    /// <summary>The larger count of <c>{m}</c>, <c>{m,}</c> or <c>{m,n}</c>; null where the brace is a brace.</summary>
    private static long? Times(string pattern, ref int open)
    {
        int close = pattern.IndexOf('}', open);
        if (close < 0)
        {
            return null;
        }

        string[] counts = pattern[(open + 1)..close].Split(',');
        if (counts.Length > 2 || !int.TryParse(counts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int most))
        {
            return null;
        }

        if (counts.Length == 2 && counts[1].Length > 0)
        {
            if (!int.TryParse(counts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int more))
            {
                return null;
            }

            most = Math.Max(most, more);
        }

        open = close;
        return most;
    }
}

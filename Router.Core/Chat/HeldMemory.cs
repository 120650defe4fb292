namespace Router.Core.Chat;

/// <summary>
/// What all streams of this process hold back together (<c>commit: complete</c>). Each may be large, and hundreds may run: what they take is
/// bounded, and one workspace may take half of it.
/// </summary>
/// <param name="most">In bytes.</param>
public sealed class HeldMemory(long most)
{
    private readonly Lock _counting = new();
    private readonly Dictionary<string, long> _ofWorkspaces = new(StringComparer.Ordinal);
    private long _all;

    /// <summary>An eighth of what the process may use; what is held is a part of what an answer takes.</summary>
    public static long Usual => Math.Max(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8, 16 << 20);

    /// <summary>In bytes, now.</summary>
    public long All
    {
        get
        {
            lock (_counting)
            {
                return _all;
            }
        }
    }

    /// <returns>False where there is no room for it.</returns>
    public bool TryTake(string workspace, long bytes)
    {
        lock (_counting)
        {
            long own = _ofWorkspaces.GetValueOrDefault(workspace);
            if (_all + bytes > most || own + bytes > most / 2)
            {
                return false;
            }

            _all += bytes;
            _ofWorkspaces[workspace] = own + bytes;
            return true;
        }
    }

    public void Return(string workspace, long bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        lock (_counting)
        {
            _all -= bytes;
            long left = _ofWorkspaces[workspace] - bytes;
            if (left == 0)
            {
                _ofWorkspaces.Remove(workspace);
            }
            else
            {
                _ofWorkspaces[workspace] = left;
            }
        }
    }
}

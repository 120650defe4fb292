namespace Router.Core.Routing;

/// <summary>Whose turn it is to try a route that was not measured: one request in so many.</summary>
/// <param name="every">0: nobody's.</param>
public sealed class Exploration(int every)
{
    private long _requests;

    /// <returns>The number of the turn; null when it is not this request's.</returns>
    public long? Next()
    {
        if (every <= 0)
        {
            return null;
        }

        long request = Interlocked.Increment(ref _requests);
        return request % every == 0 ? request / every : null;
    }
}

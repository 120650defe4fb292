using System.Diagnostics;

namespace Router.Core.Telemetry;

/// <summary>
/// Redis calls as Client spans with a deadline. StackExchange.Redis has no activity source of its own; a wrapper around
/// the few calls we make sees errors and has the right parent.
/// </summary>
public static class RedisSpans
{
    /// <summary>Runs one command. The deadline ends the wait, not the command: callers treat it as a failure of Redis.</summary>
    /// <param name="operation">The command as Redis names it, e.g. <c>SET</c>.</param>
    /// <exception cref="TimeoutException">No answer within <paramref name="timeout"/>.</exception>
    public static async Task<TResult> RunAsync<TState, TResult>(
        string operation,
        TState state,
        Func<TState, Task<TResult>> call,
        TimeSpan timeout,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        using var activity = RouterTelemetry.Source.StartActivity(operation, ActivityKind.Client);
        activity?.Tag("db.system.name", "redis").Tag("db.operation.name", operation);
        try
        {
            return await call(state).WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The type says what happened; a message could carry a key name made of a caller's words.
            activity?.Retag("error.type", exception.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }
}

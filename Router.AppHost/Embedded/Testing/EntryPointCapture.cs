namespace Router.AppHost.Embedded;

/// <summary>
/// Lets a test run the AppHost's entry point up to <c>Build()</c> and take the builder from it.
/// The capture flows with the async context, so captures in parallel tests do not meet.
/// </summary>
internal static class EntryPointCapture
{
    private static readonly AsyncLocal<TaskCompletionSource<DistributedApplicationBuilder>?> s_current = new();

    public static async Task<DistributedApplicationBuilder> RunAsync(System.Reflection.MethodInfo entryPoint, string[] args, CancellationToken cancellationToken)
    {
        var captured = new TaskCompletionSource<DistributedApplicationBuilder>(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Task.Run(
            () =>
            {
                s_current.Value = captured;
                try
                {
                    entryPoint.Invoke(null, entryPoint.GetParameters().Length == 0 ? null : [args]);
                    captured.TrySetException(new InvalidOperationException("The AppHost ended before it built its application."));
                }
                catch (System.Reflection.TargetInvocationException e)
                {
                    captured.TrySetException(e.InnerException!);
                }
            },
            cancellationToken);
        await run;
        return await captured.Task;
    }

    /// <summary>Ends the entry point here when a test waits for the builder; otherwise does nothing.</summary>
    public static void HandOver(DistributedApplicationBuilder builder)
    {
        if (s_current.Value is not { } captured) return;
        captured.TrySetResult(builder);
        throw new CapturedException();
    }

    private sealed class CapturedException : Exception;
}

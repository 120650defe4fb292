using System.Runtime.InteropServices;

namespace Router.AppHost.Embedded;

/// <summary>
/// Ctrl+C, SIGTERM and a closed terminal ask for a stop; a second one ends the process at once, and the children with it.
/// The death of the <c>dotnet run</c> that started it asks too: nobody is left to press Ctrl+C.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _source;
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Timer? _parentWatch;

    public StopSignals(CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _source.Token.Register(() => _requested.TrySetResult());
        // A shell starts background jobs with SIGINT ignored, and the runtime respects that; here it is how one asks for a stop.
        NativeMethods.RestoreInterrupt();
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }.Select(s => PosixSignalRegistration.Create(s, OnSignal))];
        if (ParentProcess.IsDotnetRun(out var parent))
        {
            _parentWatch = new Timer(_ =>
            {
                if (ParentProcess.Id() != parent) _source.Cancel();
            });
            _parentWatch.Change(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(500));
        }
    }

    public CancellationToken Token => _source.Token;

    public Task Requested => _requested.Task;

    public void Dispose()
    {
        _parentWatch?.Dispose();
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = !_source.IsCancellationRequested;
        _source.Cancel();
    }
}

using Microsoft.AspNetCore.Components;
using Router.Core.Keys;

namespace Router.Api.Studio.Parts;

/// <summary>
/// A page of one workspace, named in its address. Loads once the user is known to manage it; a lost database and a lost
/// session are said on the page.
/// </summary>
public abstract class WorkspacePage : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _closed = new();
    private string? _loaded;

    [Parameter]
    public string Workspace { get; set; } = "";

    [Inject]
    internal StudioSession Session { get; set; } = null!;

    /// <summary>Null until it is known, for a workspace the user may not see, and where what the page shows could not be read.</summary>
    protected WorkspaceRecord? Record { get; private set; }

    /// <summary>From when on the user may read what is kept of the workspace; null for all of it.</summary>
    protected DateTimeOffset? Since { get; private set; }

    /// <summary>What went wrong last, for a person.</summary>
    protected string? Problem { get; set; }

    protected bool SignedOut { get; private set; }

    protected bool Loaded => _loaded == Workspace;

    /// <summary>Cancelled when the page is left.</summary>
    protected CancellationToken Closed => _closed.Token;

    protected override async Task OnParametersSetAsync()
    {
        // The address can change while a query is under way: what was checked for one workspace must not be used for another.
        var workspace = Workspace;
        if (_loaded == workspace)
            return;
        Record = null;
        await TryAsync(async () =>
        {
            var record = await Session.WorkspaceAsync(workspace, Closed);
            if (record is null)
                return;
            var caller = (await Session.UserAsync()).Caller;
            if (workspace != Workspace || !caller.MayManage(workspace))
                return;
            (Record, Since) = (record, caller.Since(record));
            await LoadAsync();
        });
        if (workspace != Workspace)
            return;
        if (Problem is not null)
        {
            // An empty page would say that there is nothing, and a missing workspace that it is none.
            (Record, Problem) = (null, Outage.NothingToShow);
        }

        _loaded = workspace;
    }

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task LoadAsync();

    /// <summary>Runs what a person asked for and says what kept it from being done.</summary>
    protected async Task TryAsync(Func<Task> action)
    {
        Problem = null;
        try
        {
            await action();
        }
        catch (StudioSignedOutException)
        {
            SignedOut = true;
        }
        catch (StudioLimitException exception)
        {
            Problem = exception.Message;
        }
        catch (Exception exception) when (exception is OperationCanceledException || Outage.Is(exception))
        {
            if (!Closed.IsCancellationRequested)
                Problem = Outage.NothingSaved;
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !_closed.IsCancellationRequested)
        {
            _closed.Cancel();
            _closed.Dispose();
        }
    }
}

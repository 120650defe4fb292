namespace Router.AppHost.Embedded;

/// <summary>What the runner drives: one started thing per resource, or per replica of it.</summary>
internal interface IRunnable
{
    /// <summary>The resource's name; with several replicas followed by <c>-n</c>.</summary>
    string Name { get; }

    IResource Resource { get; }

    /// <summary>Returns once it runs and is healthy (or, for one that runs to completion, has ended well). Throws with a message for people.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops it; nothing is restarted afterwards. Does nothing when it does not run.</summary>
    Task StopAsync();

    /// <summary>Sends a signal by short name to the process, for tests of what happens then.</summary>
    void Signal(string name);
}

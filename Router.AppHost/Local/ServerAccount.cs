namespace Router.AppHost.Local;

/// <summary>PostgreSQL refuses to run as root: root hands it to <c>nobody</c>, anybody else runs it themselves.</summary>
internal sealed class ServerAccount
{
    private const string Unprivileged = "nobody";

    private ServerAccount(string[] prefix) => Prefix = prefix;

    /// <summary>Put before a command. It replaces itself by the command, so signals reach the server.</summary>
    public IReadOnlyList<string> Prefix { get; }

    public bool IsOther => Prefix.Count > 0;

    public static ServerAccount Current()
    {
        if (!Environment.IsPrivilegedProcess) return new([]);
        if (Executables.Find("setpriv") is { } setpriv) return new([setpriv, "--reuid=" + Unprivileged, "--regid=" + Group(), "--clear-groups", "--"]);
        if (Executables.Find("runuser") is { } runuser) return new([runuser, "-u", Unprivileged, "--"]);
        if (Executables.Find("su") is { } su) return new([su, "-s", "/bin/sh", Unprivileged, "-c", "exec \"$@\"", "--"]);
        throw new DistributedApplicationException("PostgreSQL does not run as root, and neither setpriv, runuser nor su is here to leave root. Run as an ordinary user.");
    }

    /// <summary>Gives a directory or file to the account.</summary>
    public async Task GiveAsync(string path, CancellationToken cancellationToken)
    {
        if (!IsOther) return;
        var (code, output) = await ShortCommand.RunAsync(["chown", "-R", $"{Unprivileged}:{Group()}", path], cancellationToken);
        if (code != 0) throw new DistributedApplicationException($"{path} cannot be given to {Unprivileged}: {output.Trim()}");
    }

    // Debian's group of that account is nogroup, elsewhere it is named like the account.
    private static string Group() =>
        File.Exists("/etc/group") && File.ReadLines("/etc/group").Any(l => l.StartsWith("nogroup:", StringComparison.Ordinal)) ? "nogroup" : Unprivileged;
}

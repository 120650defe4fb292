namespace Router.AppHost.Embedded;

/// <summary>
/// The shell script between the AppHost and each child. It holds the AppHost's end of a pipe: a line on it is a signal
/// for the child, and its end (the AppHost is gone, even by kill -9) stops the child, gently first.
/// In a session of its own, so that a terminal's Ctrl+C reaches the AppHost only and the order of stopping is the AppHost's.
/// </summary>
internal static class Supervisor
{
    public const string PidPrefix = "@supervised ";

    // $1 stop signal, $2 grace in tenths of a second, then the command. The child prints its pid before it becomes the command.
    // The watching part outlives the shell itself: killing the shell alone does not orphan the child.
    private const string Script = """
        stop=$1; grace=$2; shift 2
        exec 3<&0 </dev/null
        sh -c 'echo "@supervised $$"; exec "$@"' child "$@" 3<&- &
        child=$!
        (
          exec >/dev/null 2>&1
          while read -r signal <&3; do kill -s "$signal" "$child"; done
          kill -s "$stop" "$child"
          while [ "$grace" -gt 0 ] && kill -0 "$child"; do sleep 0.1; grace=$((grace - 1)); done
          kill -s KILL "$child"
        ) &
        watcher=$!
        exec 3<&-
        wait "$child"; code=$?
        kill -s KILL "$watcher" 2>/dev/null
        exit $code
        """;

    public static IEnumerable<string> Wrap(string stopSignal, TimeSpan grace, IEnumerable<string> command) =>
        [.. NewSession(), "sh", "-c", Script, "supervisor", stopSignal, $"{(int)(grace.TotalSeconds * 10)}", .. command];

    private static string[] NewSession() =>
        Executables.Find("setsid") is { } setsid ? [setsid]
        : Executables.Find("perl") is { } perl ? [perl, "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV or die"]
        : [];
}

using System.Diagnostics;

namespace Router.Core.Telemetry;

/// <summary>
/// Runs housekeeping that repeats every second under an unrecorded parent: parent-based sampling then drops the spans
/// of the database and Redis clients inside, which would otherwise each be a trace of one span.
/// </summary>
public static class QuietScope
{
    public static Activity Begin()
    {
        Activity.Current = null;
        return new Activity("quiet") { ActivityTraceFlags = ActivityTraceFlags.None }.SetIdFormat(ActivityIdFormat.W3C).Start();
    }
}

using System.Diagnostics;

namespace Router.Core.Telemetry;

/// <summary>Tags of a span that has none of that name yet.</summary>
public static class SpanTags
{
    /// <summary>Nothing for null. Unlike <see cref="Activity.SetTag"/> it does not look for the name among all tags first.</summary>
    public static void Tag(this Activity activity, string name, object? value)
    {
        if (value is not null)
        {
            activity.AddTag(name, value);
        }
    }
}

using System.Diagnostics;

namespace Router.Core.Telemetry;

/// <summary>The one way a span gets a tag: texts go on it as far as they are <see cref="Printable"/>, since most are a caller's or a provider's.</summary>
public static class SpanTags
{
    /// <summary>Adds a tag that the span does not have yet; nothing for null. Unlike <see cref="Activity.SetTag"/> it does not look for the name among all tags first.</summary>
    public static Activity Tag(this Activity activity, string name, object? value) =>
        value is null ? activity : activity.AddTag(name, Shown(value));

    /// <summary>Sets a tag that the span may have already; null takes it off.</summary>
    public static Activity Retag(this Activity activity, string name, object? value) => activity.SetTag(name, Shown(value));

    private static object? Shown(object? value) => value switch
    {
        string text => Printable.Of(text),
        string[] texts => Array.ConvertAll(texts, static text => Printable.Of(text)),
        _ => value,
    };
}

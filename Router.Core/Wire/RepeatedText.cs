namespace Router.Core.Wire;

/// <summary>A string member that says the same in nearly every chunk of a stream: one string serves them all.</summary>
internal sealed class RepeatedText
{
    private ReadOnlyMemory<byte> _json;
    private string? _text;

    /// <summary>As <see cref="JsonObject.String"/>.</summary>
    public string? Of(JsonObject body, string name)
    {
        if (body.Find(name) is not { } member)
        {
            return null;
        }

        ReadOnlyMemory<byte> json = body.Value(member);
        if (_json.IsEmpty || !json.Span.SequenceEqual(_json.Span))
        {
            (_json, _text) = (json.ToArray(), body.String(name));
        }

        return _text;
    }
}

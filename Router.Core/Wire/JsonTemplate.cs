using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Router.Core.Wire;

/// <summary>Makes objects that differ from another in one text only, without writing the rest anew. Thread-safe.</summary>
internal sealed class JsonTemplate
{
    private readonly byte[] _before;
    private readonly byte[] _after;
    private readonly JsonMember[] _members;

    /// <param name="example">An object that was written without white space, where the text stands empty.</param>
    /// <param name="opening">What stands before the text, its opening quote the last of it; it stands there once, and last among the members.</param>
    public JsonTemplate(JsonObject example, ReadOnlySpan<byte> opening)
    {
        ReadOnlySpan<byte> json = example.Text.Span;
        int at = json.IndexOf(opening) + opening.Length;
        _before = json[..at].ToArray();
        _after = json[at..].ToArray();
        _members = example.Members.ToArray();
    }

    /// <summary>The object with this text; null where the text has anything to be escaped.</summary>
    public JsonObject? With(string text)
    {
        byte[] json = new byte[_before.Length + Encoding.UTF8.GetByteCount(text) + _after.Length];
        _before.CopyTo(json, 0);
        if (Utf8.FromUtf16(text, json.AsSpan(_before.Length), out _, out int length, replaceInvalidSequences: false) != OperationStatus.Done
            || JavaScriptEncoder.UnsafeRelaxedJsonEscaping.FindFirstCharacterToEncodeUtf8(json.AsSpan(_before.Length, length)) >= 0)
        {
            return null;
        }

        _after.CopyTo(json, _before.Length + length);
        JsonMember[] members = [.. _members];
        members[^1] = members[^1] with { ValueEnd = members[^1].ValueEnd + length };
        return JsonObject.Known(json, members);
    }
}

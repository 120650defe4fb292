using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Router.Core.Routing.SavedRouters;

/// <summary>Reads a message template: <c>content</c> (or <c>template</c>) as a text, or <c>content_items</c> of <c>text</c>.</summary>
internal static class MessageTemplateReader
{
    private const int LongestText = 128 * 1024;
    private const int MostItems = 64;

    private static readonly FrozenSet<string> Roles = new[] { "system", "developer", "user", "assistant", "tool" }.ToFrozenSet(StringComparer.Ordinal);

    public static MessageTemplate Read(MemberReader members, List<string> withoutEffect)
    {
        string role = (members.Text("role", RouterOptions.LongestName) ?? "").ToLowerInvariant();
        if (!Roles.Contains(role))
        {
            members.Problem("role", $"must be one of {string.Join(", ", Roles.Order(StringComparer.Ordinal))}.");
        }

        string? content = members.Text("content", LongestText);
        string? template = members.Text("template", LongestText);
        if (content is not null && template is not null)
        {
            members.Problem("template", "is the same as 'content'; give one of them.");
        }

        content ??= template;
        ImmutableArray<TemplateText> items = [.. members.List("content_items", MostItems).ToList().Select(item => Item(new MemberReader(item.Item, item.Path, members.Problems), withoutEffect))];
        ImmutableArray<TemplateToolCall> calls = [.. members.List("tool_calls", MostItems).ToList().Select(item => Call(new MemberReader(item.Item, item.Path, members.Problems), withoutEffect))];
        // The original's answers show every member; an empty text beside parts is none.
        if (content is { Length: > 0 } && !items.IsEmpty)
        {
            members.Problem("content_items", "cannot stand beside 'content'.");
        }

        if (content is null && items.IsEmpty && calls.IsEmpty)
        {
            members.Problem("content", "is required.");
        }

        return new MessageTemplate(role, items.IsEmpty && content is not null ? new TemplateText(content) : null, items)
        {
            ToolCalls = calls,
            ToolCallId = members.Text("tool_call_id", RouterOptions.LongestName) is { Length: > 0 } id ? id : null,
            Kept = members.Rest(withoutEffect),
        };
    }

    private static TemplateText Item(MemberReader members, List<string> withoutEffect)
    {
        string? text = members.Text("text", LongestText);
        if (text is null)
        {
            members.Problem("text", "is required; parts of a template are texts.");
        }

        // OpenAI's spelling of a part names its type.
        if (members.Text("type", RouterOptions.LongestName) is not (null or "text"))
        {
            members.Problem("type", "must be 'text'.");
        }

        members.Rest(withoutEffect);
        return new TemplateText(text ?? "");
    }

    private static TemplateToolCall Call(MemberReader members, List<string> withoutEffect)
    {
        var call = new TemplateToolCall(
            members.Text("id", RouterOptions.LongestName) ?? "",
            members.Text("name", RouterOptions.LongestName) ?? "",
            members.Text("args", LongestText) ?? "{}");
        if (call.Id.Length == 0 || call.Name.Length == 0)
        {
            members.Problem("id", "and 'name' are required.");
        }

        members.Rest(withoutEffect);
        return call;
    }
}

using System.Text.Json;
using Microsoft.Extensions.AI;
using Router.Core.Chat;

namespace Router.Core.Providers.Anthropic;

/// <summary>
/// The conversation as the API takes it: what the system says first at the top, then turns of user and assistant in
/// alternation, all results of a turn's calls in one user turn before anything else in it.
/// </summary>
internal sealed class AnthropicConversation(AnthropicModel model, Losses losses)
{
    private readonly List<Action<Utf8JsonWriter>> _system = [];
    private readonly List<(string Role, List<Action<Utf8JsonWriter>> Results, List<Action<Utf8JsonWriter>> Blocks)> _turns = [];

    public void Add(IEnumerable<ChatMessage> messages, string? instructions, string? formatInstruction)
    {
        foreach (string? text in (ReadOnlySpan<string?>)[instructions])
        {
            AddSystemText(text);
        }

        foreach (ChatMessage message in messages)
        {
            Add(message);
        }

        AddSystemText(formatInstruction);
    }

    public void Write(Utf8JsonWriter writer)
    {
        if (_system.Count > 0)
        {
            writer.WriteStartArray("system");
            _system.ForEach(block => block(writer));
            writer.WriteEndArray();
        }

        writer.WriteStartArray("messages");
        foreach ((string role, List<Action<Utf8JsonWriter>> results, List<Action<Utf8JsonWriter>> blocks) in _turns)
        {
            writer.WriteStartObject();
            writer.WriteString("role", role);
            writer.WriteStartArray("content");
            results.ForEach(block => block(writer));
            blocks.ForEach(block => block(writer));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Add(ChatMessage message)
    {
        string role = message.Role.Value;
        if (role is "system" or "developer")
        {
            AddSystem(message);
            return;
        }

        string turn = role == "assistant" ? "assistant" : "user";
        List<Action<Utf8JsonWriter>> blocks = AnthropicBlocks.Of(message, losses);
        foreach (AIContent content in message.Contents)
        {
            if (content is FunctionResultContent result)
            {
                Turn(turn).Results.Add(AnthropicBlocks.Result(result, message, losses));
            }
        }

        // An empty message says nothing, and empty text is refused.
        if (blocks.Count > 0)
        {
            Turn(turn).Blocks.AddRange(blocks);
        }
    }

    private void AddSystem(ChatMessage message)
    {
        List<Action<Utf8JsonWriter>> blocks = AnthropicBlocks.Of(message, losses);
        if (_turns.Count == 0)
        {
            _system.AddRange(blocks);
        }
        else if (model.LateSystem)
        {
            Turn("system").Blocks.AddRange(blocks);
        }
        else
        {
            losses.Report("messages", "holds a system message after the first turn, which is said in a user's turn instead");
            Turn("user").Blocks.AddRange(blocks);
        }
    }

    private void AddSystemText(string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            _system.Add(AnthropicBlocks.Text(text));
        }
    }

    /// <summary>The turn in progress if it is the role's, else a new one.</summary>
    private (string Role, List<Action<Utf8JsonWriter>> Results, List<Action<Utf8JsonWriter>> Blocks) Turn(string role)
    {
        if (_turns.Count == 0 || _turns[^1].Role != role)
        {
            _turns.Add((role, [], []));
        }

        return _turns[^1];
    }
}

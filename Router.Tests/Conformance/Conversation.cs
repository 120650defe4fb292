using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Router.Tests.EndToEnd;

namespace Router.Tests.Conformance;

/// <summary>One answer, JSON or streamed, brought into one shape.</summary>
public sealed record Reply(HttpStatusCode Status, string Text, string Reasoning, string Refusal, string? Finish, IReadOnlyList<ReplyCall> Calls, JsonNode? Usage, JsonNode? Metadata, JsonNode? Error, bool Done, string? RetryAfter, JsonNode? Message)
{
    public string Attempts => string.Join(' ', (Metadata?["attempts"]?.AsArray() ?? []).Select(attempt =>
        $"{attempt!["credential_type"]}:{((bool)attempt["success"]! ? "ok" : attempt["error"]?["code"])}"));
}

public sealed record ReplyCall(string Id, string Name, string Arguments);

/// <summary>Sends chats to the running router and reads what comes back.</summary>
public sealed class Conversation(Stack stack, Capability capability, bool stream)
{
    private readonly string _key = $"{Guid.NewGuid():N}-sim-good";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Task<Reply> AskAsync(string text, string? key = null, JsonObject? members = null, bool fallback = false) =>
        SendAsync([new JsonObject { ["role"] = "user", ["content"] = text }], key, members, fallback);

    public async Task<Reply> SendAsync(JsonArray messages, string? key = null, JsonObject? members = null, bool fallback = false)
    {
        await ScriptAsync(key, members);
        using HttpResponseMessage response = await stack.Api.SendAsync(stack.Chat(Body(messages, key, members, fallback).ToJsonString()), HttpCompletionOption.ResponseHeadersRead, Cancel);
        string body = await response.Content.ReadAsStringAsync(Cancel);
        string? wait = response.Headers.TryGetValues("Retry-After", out IEnumerable<string>? values) ? values.First() : null;
        return response.Content.Headers.ContentType?.MediaType == "text/event-stream" ? FromStream(response.StatusCode, body, wait) : FromJson(response.StatusCode, JsonNode.Parse(body)!, wait);
    }

    /// <summary>A <c>simulate</c> member is no part of the request: it tells the simulator what to do with this conversation's key.</summary>
    public async Task ScriptAsync(string? key, JsonObject? members)
    {
        if (members?["simulate"] is JsonObject script)
        {
            members.Remove("simulate");
            script["on"] = "chat";
            await stack.ScriptAsync(Uri.EscapeDataString(capability.KeyName(key ?? _key)), script.ToJsonString());
        }
    }

    public JsonObject Body(JsonArray messages, string? key, JsonObject? members, bool fallback)
    {
        var body = new JsonObject { ["model"] = capability.QualifiedModel, ["stream"] = stream, ["messages"] = messages };
        if (stream)
        {
            body["stream_options"] = new JsonObject { ["include_usage"] = true };
        }

        // A key of its own per conversation: what one test makes of it stays with it.
        body["provider_credentials"] = capability.Credentials(key ?? _key, fallback);
        foreach ((string name, JsonNode? value) in members ?? [])
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }

    private static Reply FromJson(HttpStatusCode status, JsonNode body, string? wait)
    {
        JsonNode? choice = body["choices"]?[0];
        JsonNode? message = choice?["message"];
        return new Reply(
            status,
            (string?)message?["content"] ?? "",
            (string?)(message?["reasoning_content"] ?? message?["reasoning"]) ?? "",
            (string?)message?["refusal"] ?? "",
            (string?)choice?["finish_reason"],
            [.. (message?["tool_calls"]?.AsArray() ?? []).Select(call => new ReplyCall((string)call!["id"]!, (string)call["function"]!["name"]!, (string)call["function"]!["arguments"]!))],
            body["usage"],
            body["metadata"],
            body["error"],
            true,
            wait,
            message);
    }

    private static Reply FromStream(HttpStatusCode status, string body, string? wait)
    {
        StringBuilder text = new(), reasoning = new(), refusal = new();
        var calls = new SortedDictionary<int, ReplyCall>();
        string? finish = null;
        JsonNode? usage = null, metadata = null, error = null;
        bool done = false;
        foreach (string data in body.Split("\n\n").Where(line => line.StartsWith("data: ", StringComparison.Ordinal)).Select(line => line[6..]))
        {
            Assert.False(done, "Nothing may follow [DONE].");
            if (data == "[DONE]")
            {
                done = true;
                continue;
            }

            JsonNode chunk = JsonNode.Parse(data)!;
            Assert.Null(metadata);
            usage = chunk["usage"] ?? usage;
            metadata = chunk["metadata"];
            error = chunk["error"] ?? error;
            foreach (JsonNode? choice in chunk["choices"]?.AsArray() ?? [])
            {
                JsonNode? delta = choice!["delta"];
                text.Append((string?)delta?["content"]);
                reasoning.Append((string?)(delta?["reasoning_content"] ?? delta?["reasoning"]));
                refusal.Append((string?)delta?["refusal"]);
                Assert.True(finish is null || choice["finish_reason"] is null, "One choice finishes once.");
                finish = (string?)choice["finish_reason"] ?? finish;
                foreach (JsonNode? call in delta?["tool_calls"]?.AsArray() ?? [])
                {
                    int index = (int)call!["index"]!;
                    ReplyCall known = calls.GetValueOrDefault(index) ?? new ReplyCall("", "", "");
                    calls[index] = new ReplyCall(known.Id + (string?)call["id"], known.Name + (string?)call["function"]?["name"], known.Arguments + (string?)call["function"]?["arguments"]);
                }
            }
        }

        return new Reply(status, text.ToString(), reasoning.ToString(), refusal.ToString(), finish, [.. calls.Values], usage, metadata, error, done, wait, null);
    }
}

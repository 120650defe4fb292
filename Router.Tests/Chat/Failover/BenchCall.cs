using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Router.Api.Dialects.OpenAI;
using Router.Core.Failures;
using Router.Tests.Support;

namespace Router.Tests.Chat.Failover;

/// <summary>What a caller sees of one call: OpenAI's SDKs raise on an error, and take a stream that ends in any other way for an answer.</summary>
internal sealed record BenchCall(bool Ok, string Content, string? Model, bool Usage, double SentAt, double Seconds, string? Error)
{
    public bool Complete => Ok && Content == Wall.Answer;

    public static async Task<BenchCall> MakeAsync(Pipeline pipeline, ScriptedRouter router, Wall wall, string body, CancellationToken cancellationToken)
    {
        ChatRequest request = pipeline.Request(body);
        double started = wall.Now;
        using var sent = new MemoryStream();
        try
        {
            if (!request.Stream)
            {
                string text = await router.AskAsync(request, cancellationToken);
                return new(true, text, null, true, started, wall.Now - started, null);
            }

            var context = new DefaultHttpContext();
            context.Response.Body = sent;
            await router.RunAsync(client => new AnswerStreamWriter(context, request.Options.Request, true, router.Time)
                .WriteAsync(client.GetStreamingResponseAsync(request.Messages, request.Options, cancellationToken), cancellationToken));
        }
        catch (RouterException e)
        {
            return new(false, "", null, false, started, wall.Now - started, e.Error.Code);
        }

        return Read(Encoding.UTF8.GetString(sent.ToArray()), started, wall.Now - started);
    }

    private static BenchCall Read(string stream, double started, double seconds)
    {
        var content = new StringBuilder();
        string? model = null;
        string? error = null;
        bool usage = false;
        foreach (string line in stream.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)))
        {
            JsonNode chunk = JsonNode.Parse(line["data: ".Length..])!;
            error ??= (string?)chunk["error"]?["code"];
            model = (string?)chunk["model"] ?? model;
            usage |= chunk["usage"] is JsonObject;
            content.Append((string?)(chunk["choices"]?.AsArray().FirstOrDefault())?["delta"]?["content"]);
        }

        return new(error is null, content.ToString(), model, usage, started, seconds, error);
    }
}

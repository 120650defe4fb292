using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Api.Dialects.OpenAI;

/// <summary>
/// Writes a JSON answer with <c>model</c> named as clients know it and <c>metadata</c> added: the provider's bytes where it
/// speaks this dialect, else written from the typed view. The answer cannot be read afterwards.
/// </summary>
internal static class AnswerWriter
{
    public static async Task WriteAsync(HttpContext context, ChatResponse answer, RouteRequest request, TimeProvider time)
    {
        var wire = answer.RawRepresentation as WireResponse;
        (byte[] metadata, int length) = MetadataWriter.WriteShared(request);
        JsonSplice splice = new JsonSplice(wire?.Body ?? OpenAITypedAnswer.Write(answer, time.GetUtcNow()))
            .Set("model", request.Attempts[^1].Entry.QuotedModel)
            .Set("metadata", metadata.AsMemory(0, length));
        HttpResponse response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = splice.Length;
        // Once the headers are written the answer goes from where it was read to straight behind them.
        await response.StartAsync(context.RequestAborted);
        splice.WriteTo(response.BodyWriter);
        SharedBytes.Return(metadata);
        wire?.Release();
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}

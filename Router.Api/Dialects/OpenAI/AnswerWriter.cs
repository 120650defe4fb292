using Microsoft.Extensions.AI;
using Router.Core.Chat;
using Router.Core.Providers.OpenAI;
using Router.Core.Wire;

namespace Router.Api.Dialects.OpenAI;

/// <summary>
/// Writes a JSON answer with <c>model</c> named as clients know it and <c>metadata</c> added: the provider's bytes where it
/// speaks this dialect, else written from the typed view.
/// </summary>
internal static class AnswerWriter
{
    public static async Task WriteAsync(HttpContext context, ChatResponse answer, RouteRequest request, TimeProvider time)
    {
        JsonObject source = answer.RawRepresentation is WireResponse wire ? wire.Body : OpenAITypedAnswer.Write(answer, time.GetUtcNow());
        JsonSplice splice = new JsonSplice(source)
            .Set("model", request.Attempts[^1].Entry.QuotedModel)
            .Set("metadata", MetadataWriter.Write(request));
        HttpResponse response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = splice.Length;
        // Once the headers are written the answer goes from where it was read to straight behind them.
        await response.StartAsync(context.RequestAborted);
        splice.WriteTo(response.BodyWriter);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}

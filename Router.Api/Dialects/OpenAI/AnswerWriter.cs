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
        byte[] body = Splice(source, request);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private static byte[] Splice(JsonObject body, RouteRequest request) =>
        new JsonSplice(body)
            .Set("model", JsonText.Quote(request.Attempts[^1].Entry.QualifiedModel))
            .Set("metadata", MetadataWriter.Write(request))
            .ToArray();
}

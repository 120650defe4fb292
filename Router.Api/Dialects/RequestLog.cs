using System.Text;
using Router.Core.Chat;
using Router.Core.Failures;
using Router.Core.Routing;
using Router.Core.Telemetry;

namespace Router.Api.Dialects;

/// <summary>
/// One line for every chat that was not answered as asked: which it was, what the caller got, and what each attempt came
/// to. It names routes and classes; never content, a key, or a provider's words.
/// </summary>
internal sealed partial class RequestLog(ILogger<RequestLog> logger)
{
    private const int LongestModel = 120;

    /// <summary>The caller got an error, as the answer or as the end of its stream.</summary>
    public void Failed(HttpContext context, RouterError error)
    {
        RequestMark mark = RouterHeaders.Mark(context);
        LogLevel level = error.Status is 424 or >= 500 ? LogLevel.Warning : LogLevel.Information;
        if (mark.Span.IsAllDataRequested)
        {
            mark.Span.Retag(Tags.ErrorCode, error.Code);
        }

        if (logger.IsEnabled(level))
        {
            (string? trace, string? model, string attempts) = (mark.Span.TraceId.ToHexString(), Printable.Of(mark.Chat?.Model, LongestModel), Attempts(mark.Chat));
            LogFailed(level, mark.GenerationId, trace, mark.Chat?.Workspace.Id, model, error.Status, error.Code, (long)mark.Elapsed.TotalMilliseconds, attempts);
        }
    }

    /// <summary>The caller left before its answer was complete.</summary>
    public void Left(HttpContext context)
    {
        RequestMark mark = RouterHeaders.Mark(context);
        if (logger.IsEnabled(LogLevel.Information))
        {
            (string? trace, string? model, string attempts) = (mark.Span.TraceId.ToHexString(), Printable.Of(mark.Chat?.Model, LongestModel), Attempts(mark.Chat));
            LogLeft(mark.GenerationId, trace, mark.Chat?.Workspace.Id, model, (long)mark.Elapsed.TotalMilliseconds, attempts);
        }
    }

    private static string Attempts(RouteRequest? chat)
    {
        var text = new StringBuilder();
        foreach (AttemptRecord attempt in chat?.Attempts ?? [])
        {
            text.Append(text.Length > 0 ? ", " : "")
                .Append(attempt.Skipped ? "skipped " : "")
                .Append(attempt.Entry.Credential.Type == CredentialType.Byok ? "byok " : "system ")
                .Append(attempt.Entry.Provider.Slug).Append('/').Append(Printable.Of(attempt.Entry.Model, LongestModel))
                .Append(": ")
                .Append(attempt.Error is { } error ? FailureConsequences.Code(error.Failure) : attempt.Success ? "success" : attempt.Cancelled ? "cancelled" : "unknown");
            if (attempt.Error?.Status is { } status)
            {
                text.Append(' ').Append(status);
            }
        }

        return text.Length > 0 ? text.ToString() : "none";
    }

    [LoggerMessage(EventId = 1, Message = "Chat {GenerationId} (trace {Trace}) of workspace {Workspace} for {Model} got {Status} {Code} after {Milliseconds} ms; attempts: {Attempts}")]
    private partial void LogFailed(LogLevel level, Printable generationId, Printable trace, Printable workspace, Printable model, int status, Printable code, long milliseconds, string attempts);

    [LoggerMessage(2, LogLevel.Information, "Chat {GenerationId} (trace {Trace}) of workspace {Workspace} for {Model} was abandoned by its caller after {Milliseconds} ms; attempts: {Attempts}")]
    private partial void LogLeft(Printable generationId, Printable trace, Printable workspace, Printable model, long milliseconds, string attempts);
}

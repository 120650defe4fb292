using System.Diagnostics;
using Router.Core.Failures;
using Router.Core.Providers;
using Router.Core.Routing;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>
/// Measures each attempt of a request that has ended, with tags of few values: instruments hold so many series and no more, so a model
/// that somebody invented must not take the place of one of the catalog.
/// </summary>
public sealed class ChatMetricsObserver : IRequestObserver
{
    public void Ended(RouteRequest request)
    {
        if (request.PlanDuration is { } planning)
        {
            ChatTelemetry.PlanDuration.Record(planning.TotalSeconds);
        }

        AttemptRecord? before = null;
        var upstream = TimeSpan.Zero;
        foreach (AttemptRecord attempt in request.Attempts)
        {
            string telemetryName = attempt.Entry.Provider.Definition.TelemetryName;
            if (attempt.Skipped)
            {
                ChatTelemetry.Skips.Add(1, new(Tags.ProviderName, telemetryName), new(Tags.FailureClass, attempt.Error is { } reason ? FailureConsequences.Code(reason.Failure) : "unknown"));
                continue;
            }

            if (before?.Error is { } failed)
            {
                ChatTelemetry.Fallbacks.Add(1, new KeyValuePair<string, object?>(ChatTelemetry.Reason, FailureConsequences.Code(failed.Failure)));
            }

            string credentialType = attempt.Entry.Credential.Type == CredentialType.Byok ? "byok" : "system";
            ChatTelemetry.Attempts.Add(1, new(Tags.ProviderName, telemetryName), new(Tags.CredentialType, credentialType), new(ChatTelemetry.Outcome, Outcome(attempt)));
            Measure(request, attempt);
            Price(attempt, telemetryName, credentialType);
            if (request.Stream && attempt is { TimeToFirstToken: not null, FirstUpdate: not null })
            {
                ChatTelemetry.StreamCommits.Add(1, new KeyValuePair<string, object?>(Tags.ProviderName, telemetryName));
                if (before is not null)
                {
                    ChatTelemetry.StreamRescues.Add(1, new KeyValuePair<string, object?>(Tags.ProviderName, telemetryName));
                }
            }

            upstream += attempt.Duration;
            before = attempt;
        }

        if (request.Duration > TimeSpan.Zero)
        {
            ChatTelemetry.Overhead.Record(Math.Max(0, (request.Duration - upstream).TotalSeconds));
        }
    }

    private static void Measure(RouteRequest request, AttemptRecord attempt)
    {
        Provider provider = attempt.Entry.Provider;
        var tags = new TagList
        {
            { Tags.OperationName, "chat" },
            { Tags.RequestModel, ModelTag.Of(attempt.Entry) },
            { Tags.ProviderName, provider.Definition.TelemetryName },
            { Tags.ServerAddress, provider.BaseUrl.Host },
            { Tags.ServerPort, provider.BaseUrl.Port },
        };
        if (attempt.ResponseModel is { } model)
        {
            tags.Add(Tags.ResponseModel, ModelTag.OfAnswer(attempt.Entry, model));
        }

        if (attempt.Usage is { } usage)
        {
            Count(usage.InputTokenCount, "input", tags);
            Count(usage.OutputTokenCount, "output", tags);
        }

        if (request.Stream && attempt.TimeToFirstToken is { } first)
        {
            ChatTelemetry.TimeToFirstChunk.Record(first.TotalSeconds, tags);
            if (attempt.Pieces > 1)
            {
                ChatTelemetry.TimePerOutputChunk.Record(Math.Max(0, (attempt.Duration - first).TotalSeconds) / (attempt.Pieces - 1), tags);
            }
        }

        if (!attempt.Success)
        {
            tags.Add(Tags.ErrorType, attempt.Error is { } error ? error.TimedOut ? "timeout" : error.Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? FailureConsequences.Code(error.Failure) : "canceled");
        }

        ChatTelemetry.OperationDuration.Record(attempt.Duration.TotalSeconds, tags);
    }

    private static void Price(AttemptRecord attempt, string provider, string credentialType)
    {
        var tags = new TagList { { Tags.ProviderName, provider }, { Tags.RequestModel, ModelTag.Of(attempt.Entry) }, { Tags.CredentialType, credentialType } };
        if (attempt.Cost.IsUnpriced)
        {
            ChatTelemetry.Unpriced.Add(1, tags);
        }

        if (attempt.Cost.ListPrice is { } price)
        {
            ChatTelemetry.Cost.Add((double)price, tags);
        }

        if (attempt.Cost.Charge is { } charge)
        {
            ChatTelemetry.Charge.Add((double)charge, tags);
        }
    }

    private static void Count(long? tokens, string type, TagList tags)
    {
        if (tokens is { } count)
        {
            tags.Add(ChatTelemetry.TokenType, type);
            ChatTelemetry.TokenUsage.Record((int)Math.Clamp(count, 0, int.MaxValue), tags);
        }
    }

    private static string Outcome(AttemptRecord attempt) =>
        attempt.Success ? "success" : attempt.Cancelled ? "cancelled" : attempt.Error is { } error ? FailureConsequences.Code(error.Failure) : "unknown";
}

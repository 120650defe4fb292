using System.Collections.Immutable;
using System.IO.Enumeration;

namespace Router.Core.Failures;

/// <summary>What of a provider's error a rule may look at.</summary>
/// <param name="Status">0 where it has none.</param>
/// <param name="Words">Its codes, types and reasons.</param>
internal readonly record struct ErrorFacts(int Status, string Message, ImmutableArray<string> Words)
{
    /// <summary>The ids of the quotas that were exceeded.</summary>
    public ImmutableArray<string> Quotas { get; init; } = [];

    public string? Param { get; init; }
}

/// <summary>The class of an error and how sure it is.</summary>
/// <param name="ByWording"><see cref="ProviderException.ByWording"/>.</param>
/// <param name="OfRequest"><see cref="ProviderException.OfRequest"/>.</param>
internal readonly record struct ErrorVerdict(FailureClass Failure, bool ByWording = false, bool OfRequest = false)
{
    /// <summary>Whether the provider's own error is to be kept: what it says beside ours, only where it says something.</summary>
    public bool Keeps(string message) => FailureConsequences.Of(Failure).Words switch
    {
        Words.Answer => true,
        Words.Beside => message.Length > 0,
        _ => OfRequest && message.Length > 0,
    };
}

/// <summary>Looks an error up: in what is special to its provider, then in its dialect.</summary>
internal static class ErrorTable
{
    /// <param name="otherwise">For what no row names.</param>
    public static ErrorVerdict Classify(in ErrorFacts error, ImmutableArray<ErrorRule> ofProvider, ImmutableArray<ErrorRule> ofDialect, FailureClass otherwise) =>
        // A server that fails may say anything in its body.
        error.Status >= 500 ? new(FailureClass.Transient)
        // A redirect is nobody's fault that a rule could know of.
        : error.Status is > 0 and < 400 ? new(FailureClass.Unknown)
        : First(ofProvider, error) ?? First(ofDialect, error) ?? new(otherwise);

    private static ErrorVerdict? First(ImmutableArray<ErrorRule> rules, in ErrorFacts error)
    {
        foreach (ErrorRule rule in rules)
        {
            if (Matches(rule, error))
            {
                return new(rule.Failure, rule.ByWording, rule.OfRequest);
            }
        }

        return null;
    }

    private static bool Matches(ErrorRule rule, in ErrorFacts error) =>
        (rule.Status == 0 || rule.Status == error.Status)
        && (rule.Word.Length == 0 || Has(error.Words, rule.Word))
        && (rule.Param.Length == 0 || rule.Param == error.Param)
        && (rule.Quota.Length == 0 || HasPart(error.Quotas, rule.Quota))
        && (!rule.EveryQuota || error.Quotas.All(quota => quota.Contains(rule.Quota, StringComparison.Ordinal)))
        && (!rule.NoQuota || error.Quotas.IsEmpty)
        && (rule.Text.Length == 0 || FileSystemName.MatchesSimpleExpression(rule.Text, error.Message));

    private static bool Has(ImmutableArray<string> words, string word)
    {
        foreach (string said in words)
        {
            if (said.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasPart(ImmutableArray<string> quotas, string part)
    {
        foreach (string quota in quotas)
        {
            if (quota.Contains(part, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}

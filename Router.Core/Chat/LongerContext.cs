using Router.Core.Failures;
using Router.Core.Routing;

namespace Router.Core.Chat;

/// <summary>Once a prompt was too long for a model: next the models whose context is known to be longer, last those known to have no longer one.</summary>
internal static class LongerContext
{
    public static void Prefer(RouteRequest request)
    {
        if (request.Attempts is not [.., { Skipped: false, Error.Failure: FailureClass.ContextLength, Entry: { } tried }])
        {
            return;
        }

        long least = Math.Max(ContextOf(tried) + 1, request.Source?.Needs().LeastTokens ?? 0);
        LastSteps.Order(request, entry => ContextOf(entry) is var context && context >= least ? 0 : context == 0 ? 1 : 2);
    }

    private static long ContextOf(PlanEntry entry) => entry.Hosted?.Model.ContextLength ?? 0;
}

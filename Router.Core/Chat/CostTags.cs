using System.Diagnostics;
using Router.Core.Telemetry;

namespace Router.Core.Chat;

/// <summary>What something cost, on its span; absent where no price is known.</summary>
internal static class CostTags
{
    public static void Set(Activity activity, decimal? listPrice, decimal? charge, bool estimated)
    {
        // Tags of spans are doubles: enough for a look, while the receipt keeps the decimals.
        activity.Tag(Tags.Cost, (double?)listPrice);
        activity.Tag(Tags.Charge, (double?)charge);
        activity.Tag(Tags.Estimated, estimated ? true : null);
    }
}

using Router.Core.Providers;

namespace Router.Core.Chat;

/// <summary>Says that what was asked was the simulator. Of a provider that was only planned for, or skipped, there is nothing to warn of.</summary>
internal static class SimulationWarning
{
    public static void Add(RouteRequest request, Provider provider)
    {
        if (!provider.Simulated)
        {
            return;
        }

        request.Warnings.Add($"{provider.Definition.DisplayName} is simulated: no system key is configured for it. Set {provider.Definition.SystemKeyVariables[0]} to go live.");
    }
}

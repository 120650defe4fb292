using System.Runtime.CompilerServices;

namespace Router.Core.Providers;

/// <summary>Tells providers apart by the object: one that was made live is another than the simulated one it was.</summary>
internal sealed class SameProvider : IEqualityComparer<Provider>
{
    public static SameProvider Instance { get; } = new();

    public bool Equals(Provider? x, Provider? y) => ReferenceEquals(x, y);

    public int GetHashCode(Provider provider) => RuntimeHelpers.GetHashCode(provider);
}

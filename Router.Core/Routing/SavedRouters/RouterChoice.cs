using System.Collections.Immutable;

namespace Router.Core.Routing.SavedRouters;

/// <summary>What a saved router chose for a request.</summary>
/// <param name="Warnings">Conditions that could not be evaluated, and members that have no effect.</param>
public sealed record RouterChoice(SavedRoute Route, RouterVariant Variant, ImmutableArray<string> Warnings);

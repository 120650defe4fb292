namespace Router.Core.Routing.SavedRouters;

/// <summary>A saved router as a replica serves from it.</summary>
/// <param name="Id">Stays the same for as long as the router lives; part of what keeps a user with one variant.</param>
/// <param name="Revision">Grows with every change.</param>
/// <param name="Router">Null where the stored definition cannot be used by this version.</param>
/// <param name="Problem">Why not.</param>
public sealed record RouterEntry(Guid Id, string Name, int Revision, SavedRouter? Router, string? Problem)
{
    /// <summary>Reads a stored definition. One that is not valid any more becomes a problem to show.</summary>
    public static RouterEntry Of(Guid id, string name, int revision, ReadOnlyMemory<byte> definition)
    {
        SavedRouterReading reading = SavedRouterReader.Read(definition);
        return new RouterEntry(id, name, revision, reading.Router, reading.Router is null ? reading.Describe() : null);
    }
}

namespace Router.Core.Providers;

/// <summary>Reads a stream whose provider counts while it speaks: what is known of its tokens should it break off.</summary>
internal interface IMeter
{
    /// <summary>Null where nothing was counted yet.</summary>
    MeteredUsage? SoFar { get; }
}

namespace Router.Core.Catalog;

/// <summary>What a model can do, and what a request needs.</summary>
[Flags]
public enum ModelFeatures
{
    None = 0,

    /// <summary>Answers in text.</summary>
    Text = 1,

    /// <summary>Calls tools.</summary>
    Tools = 2,

    /// <summary>Keeps to a JSON schema.</summary>
    ResponseSchema = 4,

    /// <summary>Reads images.</summary>
    Images = 8,

    /// <summary>Hears audio.</summary>
    Audio = 16,

    /// <summary>Reads files.</summary>
    Documents = 32,
}

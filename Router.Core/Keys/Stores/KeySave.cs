namespace Router.Core.Keys;

/// <summary>What became of a save.</summary>
/// <param name="Key">The key as it is stored now; null when it was not saved.</param>
public readonly record struct KeySave(ProviderKeyRecord? Key, KeySaveOutcome Outcome);

public enum KeySaveOutcome
{
    Saved,

    /// <summary>A save or a delete that began later took effect first, or the workspace is gone.</summary>
    Overtaken,

    /// <summary>The key that is stored is not the one the caller knows.</summary>
    ConditionFailed,
}

/// <summary>What became of a delete.</summary>
public enum KeyDelete
{
    Deleted,

    /// <summary>There was no key.</summary>
    None,

    /// <summary>The key that is stored is not the one the caller knows.</summary>
    ConditionFailed,
}

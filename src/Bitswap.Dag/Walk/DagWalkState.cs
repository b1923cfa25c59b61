namespace Bitswap.Dag.Walk;

/// <summary>What a walk found of a block.</summary>
public enum DagWalkState
{
    /// <summary>It is there, and its links were read.</summary>
    Present = 0,

    /// <summary>It could not be had; what lies below it is not known.</summary>
    Missing = 1,

    /// <summary>It is there, and its links cannot be read; what lies below it is not known.</summary>
    Unreadable = 2,
}

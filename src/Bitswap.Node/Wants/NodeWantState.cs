namespace Bitswap.Node;

/// <summary>Where a want stands.</summary>
public enum NodeWantState
{
    /// <summary>It is on the wantlist.</summary>
    Wanted,

    /// <summary>The block came and is stored, or a peer said that it has it.</summary>
    Received,

    /// <summary>It was cancelled.</summary>
    Cancelled,

    /// <summary>It ended without the block.</summary>
    Failed,
}

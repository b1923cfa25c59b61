namespace Bitswap.Protocol.Core;

/// <summary>A question to the store that has not been answered.</summary>
internal abstract class StoreRequest
{
    /// <summary>How many elements the answer must have.</summary>
    public abstract int Count { get; }

    public virtual void Checked(IReadOnlyList<int> sizes) => throw new InvalidOperationException("The request is no CheckBlocks.");

    public virtual void Loaded(IReadOnlyList<ReadOnlyMemory<byte>?> data) => throw new InvalidOperationException("The request is no LoadBlocks.");
}

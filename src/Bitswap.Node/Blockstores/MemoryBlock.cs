namespace Bitswap.Node.Blockstores;

/// <summary>A block of a <see cref="MemoryBlockstore"/>, which changes it under its lock.</summary>
/// <param name="hash">The hash of its data.</param>
/// <param name="data">Its data.</param>
internal sealed class MemoryBlock(in Multihash hash, ReadOnlyMemory<byte> data)
{
    private volatile LinkedListNode<MemoryBlock>? _place;

    public Multihash Hash { get; } = hash;

    public ReadOnlyMemory<byte> Data { get; } = data;

    /// <summary>Whether it was put by somebody, and not only fetched.</summary>
    public bool IsPut { get; set; }

    /// <summary>Whether it is pinned, or below a recursive pin.</summary>
    public bool IsPinned { get; set; }

    /// <summary>Whether it was fetched to be written to a file.</summary>
    public bool IsPassing { get; set; }

    /// <summary>Where it stands among those that may be let go, by when they were used; null when it may not.</summary>
    public LinkedListNode<MemoryBlock>? Place
    {
        get => _place;
        set => _place = value;
    }
}

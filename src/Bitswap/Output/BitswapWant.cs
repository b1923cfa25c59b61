using Bitswap.Node;
using Bitswap.Protocol.Wire;

namespace Bitswap;

/// <summary>A want of Start-BitswapWant. What it tells is always the present state.</summary>
public sealed class BitswapWant
{
    internal BitswapWant(NodeWant want, BitswapNode node)
    {
        Want = want;
        Node = node;
    }

    /// <summary>The number of the want, unique in its node.</summary>
    public long Id => Want.Id;

    /// <summary>What is wanted.</summary>
    public Cid Cid => Want.Cid;

    /// <summary>Higher is asked for first.</summary>
    public int Priority => Want.Options.Priority;

    /// <summary>Block, or Have when it is only asked who has it.</summary>
    public string Type => Want.Options.Type == WantType.Have ? "Have" : "Block";

    /// <summary>Wanted, Received, Cancelled or Failed.</summary>
    public string State => Want.State.ToString();

    /// <summary>How long ago it was started.</summary>
    public TimeSpan Age => TimeProvider.System.GetUtcNow() - Want.Started;

    /// <summary>The peer it was received from; null until then, and when the node had the block.</summary>
    public PeerId? From => Want.From;

    /// <summary>Why it ended without the block; null while it is wanted, and when it came.</summary>
    public BitswapException? Error => Want.Completion.Exception?.InnerException as BitswapException;

    /// <summary>The node that wants it.</summary>
    public BitswapNode Node { get; }

    /// <summary>The want itself.</summary>
    internal NodeWant Want { get; }

    /// <inheritdoc/>
    public override string ToString() => Cid.ToString();
}

namespace Bitswap;

/// <summary>A peer that told of itself on the local network, as it was when it was heard. What it tells is not proven: its id is when it is connected.</summary>
public sealed class BitswapFoundPeer
{
    internal BitswapFoundPeer()
    {
    }

    /// <summary>The id that it says it has.</summary>
    public required string PeerId { get; init; }

    /// <summary>The addresses that it says it has, each ending with its id. Those that its own address does not entitle it to give are left out.</summary>
    public required string[] Addresses { get; init; }

    /// <summary>The network interfaces of this machine on which it was heard.</summary>
    public required string[] Interface { get; init; }

    /// <summary>When it was heard first.</summary>
    public DateTimeOffset FirstSeen { get; init; }

    /// <summary>When it was heard last.</summary>
    public DateTimeOffset LastSeen { get; init; }

    /// <summary>Whether the node is connected to it.</summary>
    public bool Connected { get; init; }

    /// <summary>The node that found it.</summary>
    public required string Node { get; init; }

    /// <inheritdoc/>
    public override string ToString() => PeerId;
}

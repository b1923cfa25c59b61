using Bitswap.Protocol.Wire;

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>A peer in a random history: what it was told, and what it told.</summary>
internal sealed record PlayedPeer(PeerId Id, BitswapVersion Version)
{
    public Dictionary<Cid, WantlistEntry> Told { get; } = [];

    public HashSet<Cid> EverTold { get; } = [];

    public HashSet<Cid> EverCancelled { get; } = [];

    public HashSet<Cid> Wants { get; } = [];

    public HashSet<Cid> EverWanted { get; } = [];
}

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>What a peer in a random history asks for, from its first entry until it is answered or withdrawn.</summary>
internal sealed class SimulatedRequest(Cid cid)
{
    public Cid Cid => cid;

    public bool ForBlock { get; set; }
}

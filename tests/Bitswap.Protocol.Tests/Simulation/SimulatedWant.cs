namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>A caller's want in a random history.</summary>
internal sealed class SimulatedWant(WantRequest request, TimeSpan began)
{
    public WantRequest Request => request;

    public Multihash Hash => request.Cid.Hash;

    public TimeSpan Began => began;

    public bool IsCancelled { get; set; }

    public bool MayAsk(PeerId peer) => request.OnlyPeers is null || request.OnlyPeers.Contains(peer);
}

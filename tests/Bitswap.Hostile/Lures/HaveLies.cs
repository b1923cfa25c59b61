using Bitswap.Node;

namespace Bitswap.Hostile.Lures;

/// <summary>Peers that say HAVE to whatever they are asked for, and send nothing.</summary>
internal sealed class HaveLies : Lure
{
    public override string Name => "HAVE lies";

    public override string Summary => "peers that say HAVE to every want and send no block";

    public override async Task<Sources> StartAsync(Multiaddr provider, int liars, CancellationToken cancellationToken)
    {
        List<Multiaddr> peers = [provider];
        for (int i = 0; i < liars; i++)
        {
            NodeHost liar = await NodeHost.StartAsync(new NodeOptions { Blockstore = new BoastingBlockstore() }, cancellationToken);
            peers.Add(liar.Addresses[0]);
        }

        return new Sources(peers, [], []);
    }
}

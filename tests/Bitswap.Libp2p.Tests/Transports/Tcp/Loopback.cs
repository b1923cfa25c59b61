using System.Net;
using System.Net.Sockets;

namespace Bitswap.Libp2p.Tests.Transports.Tcp;

/// <summary>Connected sockets on the loopback interface.</summary>
internal static class Loopback
{
    public static async Task<(Socket Dialer, Socket Listener)> ConnectAsync()
    {
        using Socket listening = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen(1);
        Task<Socket> accepting = listening.AcceptAsync();
        Socket dialer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await dialer.ConnectAsync(listening.LocalEndPoint!);
        return (dialer, await accepting.Within());
    }
}

using System.Net.Sockets;

namespace Bitswap.Hostile.Attacks;

/// <summary>A connection below libp2p.</summary>
internal static class RawSocket
{
    public static async Task<TcpClient> ConnectAsync(Multiaddr target, CancellationToken cancellationToken)
    {
        // /ip4/ADDRESS/tcp/PORT/p2p/ID
        string[] parts = target.ToString().Split('/');
        TcpClient client = new();
        try
        {
            await client.ConnectAsync(parts[2], int.Parse(parts[4]), cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }
}

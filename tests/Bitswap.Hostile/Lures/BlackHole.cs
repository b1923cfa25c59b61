using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Crypto;

namespace Bitswap.Hostile.Lures;

/// <summary>A port on loopback that takes every connection and says nothing, and the peers that liars place there.</summary>
internal sealed class BlackHole
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _held = [];

    public BlackHole(CancellationToken over)
    {
        _listener.Start(4096);
        _ = HoldAsync(over);
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Somebody who does not exist, said to be here.</summary>
    public Multiaddr Nobody() => Multiaddr.Parse($"/ip4/127.0.0.1/tcp/{Port}/p2p/{PrivateKey.Generate().PeerId}");

    private async Task HoldAsync(CancellationToken over)
    {
        using (_listener)
        {
            try
            {
                while (true)
                {
                    _held.Add(await _listener.AcceptSocketAsync(over));
                }
            }
            catch (OperationCanceledException)
            {
                _held.ForEach(socket => socket.Dispose());
            }
        }
    }
}

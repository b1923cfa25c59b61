using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>Represents one bound and listening address.</summary>
internal sealed class ListenSocket : IDisposable
{
    private const int Backlog = 128;

    private readonly Socket _socket;

    private ListenSocket(Socket socket, WebSocketAddress? webSocket)
    {
        _socket = socket;
        IsWebSocket = webSocket is not null;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        Addresses = [.. Reachable(LocalEndPoint).Select(endPoint => new DialTarget(endPoint, webSocket).Address)];
    }

    /// <summary>Gets whether who connects opens a WebSocket first.</summary>
    public bool IsWebSocket { get; }

    /// <summary>Gets where it listens, with the port that was given to it.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Gets what others can dial: for the unspecified address, each address of this machine's interfaces.</summary>
    public IReadOnlyList<Multiaddr> Addresses { get; }

    /// <summary>Binds and listens.</summary>
    /// <exception cref="Libp2pException">AddressInUse, UnsupportedAddress, or ListenFailed for what else the system refuses.</exception>
    public static ListenSocket Bind(Multiaddr address)
    {
        DialTarget target = AddressResolver.ParseLiteral(address)
            ?? throw new Libp2pException(Libp2pErrorIds.UnsupportedAddress, $"{address}: listening needs an IP address, not a name.");
        if (target.WebSocket is { IsSecure: true })
        {
            throw new Libp2pException(
                Libp2pErrorIds.UnsupportedAddress,
                $"{address}: listening on a WebSocket over TLS needs a certificate, which this host has not. Listen on /ws, and let a web server in front add TLS.");
        }
        IPEndPoint endPoint = target.EndPoint;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                // without it another process may bind the same port and take the connections
                socket.ExclusiveAddressUse = true;
            }
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                // /ip6/:: must leave the port of /ip4/0.0.0.0 free
                socket.DualMode = false;
            }
            socket.Bind(endPoint);
            socket.Listen(Backlog);
            return new ListenSocket(socket, target.WebSocket);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw new Libp2pException(
                Libp2pErrorIds.AddressInUse, $"{address}: another program listens there already. Choose another port, or 0 for any.", error);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            throw new Libp2pException(Libp2pErrorIds.ListenFailed, $"Listening on {address} failed: {error.Message}", error);
        }
    }

    /// <summary>Returns the next connection.</summary>
    public ValueTask<Socket> AcceptAsync(CancellationToken ct) => _socket.AcceptAsync(ct);

    /// <summary>Stops listening.</summary>
    public void Dispose() => _socket.Dispose();

    private static List<IPEndPoint> Reachable(IPEndPoint bound)
    {
        if (!bound.Address.Equals(IPAddress.Any) && !bound.Address.Equals(IPAddress.IPv6Any))
        {
            return [bound];
        }
        List<IPEndPoint> found = [];
        foreach (NetworkInterface network in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (network.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown))
            {
                continue;
            }
            found.AddRange(network.GetIPProperties().UnicastAddresses
                .Select(unicast => unicast.Address)
                // a link-local address means nothing without its zone, which a multiaddr of this form cannot hold
                .Where(ip => ip.AddressFamily == bound.AddressFamily && !ip.IsIPv6LinkLocal)
                .Select(ip => new IPEndPoint(ip, bound.Port)));
        }
        IPAddress loopback = bound.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        return found.Count > 0 ? [.. found.Distinct()] : [new IPEndPoint(loopback, bound.Port)];
    }
}

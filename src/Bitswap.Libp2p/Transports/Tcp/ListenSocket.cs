using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>Represents one bound and listening address.</summary>
internal sealed class ListenSocket : IDisposable
{
    private const int Backlog = 128;

    private readonly Socket _socket;
    private readonly WebSocketAddress? _webSocket;
    private readonly bool _isKnown;
    private volatile IReadOnlyList<Multiaddr> _addresses;

    private ListenSocket(Socket socket, WebSocketAddress? webSocket, IReadOnlyList<MachineInterface> interfaces)
    {
        _socket = socket;
        _webSocket = webSocket;
        LocalEndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _isKnown = IsOf(interfaces, LocalEndPoint.Address);
        _addresses = Read(interfaces);
    }

    /// <summary>Gets whether who connects opens a WebSocket first.</summary>
    public bool IsWebSocket => _webSocket is not null;

    /// <summary>Gets where it listens, with the port that was given to it.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Gets what others can dial: for the unspecified address, each address of this machine's interfaces. None while its own address is gone.</summary>
    public IReadOnlyList<Multiaddr> Addresses => _addresses;

    /// <summary>Gets whether what others can dial changes with the interfaces of this machine.</summary>
    public bool FollowsInterfaces => IsUnspecified || (_isKnown && !IPAddress.IsLoopback(LocalEndPoint.Address));

    private bool IsUnspecified => LocalEndPoint.Address.Equals(IPAddress.Any) || LocalEndPoint.Address.Equals(IPAddress.IPv6Any);

    /// <summary>Takes in which interfaces there are now.</summary>
    public void Follow(IReadOnlyList<MachineInterface> interfaces) => _addresses = Read(interfaces);

    /// <summary>Binds and listens.</summary>
    /// <param name="address">Where.</param>
    /// <param name="interfaces">The interfaces of this machine.</param>
    /// <exception cref="Libp2pException">AddressInUse, UnsupportedAddress, or ListenFailed for what else the system refuses.</exception>
    public static ListenSocket Bind(Multiaddr address, IReadOnlyList<MachineInterface> interfaces)
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
            return new ListenSocket(socket, target.WebSocket, interfaces);
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

    private static bool IsOf(IReadOnlyList<MachineInterface> interfaces, IPAddress address) =>
        interfaces.Any(network => network.Addresses.Any(own => own.Address.Equals(address)));

    private Multiaddr[] Read(IReadOnlyList<MachineInterface> interfaces) =>
        [.. Reachable(interfaces).Distinct().Select(ip => new DialTarget(new IPEndPoint(ip, LocalEndPoint.Port), _webSocket).Address)];

    private IPAddress[] Reachable(IReadOnlyList<MachineInterface> interfaces)
    {
        if (!IsUnspecified)
        {
            // one that the system never told of is not missed
            return !FollowsInterfaces || IsOf(interfaces, LocalEndPoint.Address) ? [LocalEndPoint.Address] : [];
        }
        IPAddress[] found =
        [
            .. interfaces.SelectMany(network => network.Addresses)
                .Select(own => own.Address)
                // a link-local address means nothing without its zone, which a multiaddr of this form cannot hold
                .Where(ip => ip.AddressFamily == LocalEndPoint.AddressFamily && !ip.IsIPv6LinkLocal),
        ];
        return found.Length > 0 ? found : [LocalEndPoint.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback];
    }
}

using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>
/// Represents the group of multicast DNS, 224.0.0.251 and ff02::fb at port 5353 (RFC 6762 section 3), over a socket for each link. Other programs of this machine share the port.
/// </summary>
internal sealed class UdpMulticastLink : IMulticastLink
{
    private static readonly IPEndPoint _group4 = new(IPAddress.Parse("224.0.0.251"), MdnsAgent.Port);
    private static readonly IPEndPoint _group6 = new(IPAddress.Parse("ff02::fb"), MdnsAgent.Port);

    private readonly Lock _gate = new();
    private readonly Dictionary<LinkInterface, (Socket Socket, Task Reading)> _open = [];
    private readonly Action<MdnsPacket> _received;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="received">Takes each packet, on any thread.</param>
    /// <param name="logger">Where it is told when a link cannot be used.</param>
    public UdpMulticastLink(Action<MdnsPacket> received, ILogger logger)
    {
        _received = received;
        _logger = logger;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <inheritdoc/>
    public IReadOnlyList<LinkInterface> Follow(IReadOnlyList<LinkInterface> interfaces)
    {
        lock (_gate)
        {
            return Open(interfaces);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<string?> SendAsync(LinkInterface link, ReadOnlyMemory<byte> packet, CancellationToken ct)
    {
        (Socket Socket, Task Reading) open;
        lock (_gate)
        {
            if (!_open.TryGetValue(link, out open))
            {
                return "the interface is gone";
            }
        }
        try
        {
            await open.Socket.SendToAsync(packet, SocketFlags.None, link.Family == AddressFamily.InterNetwork ? _group4 : _group6, ct).ConfigureAwait(false);
            return null;
        }
        catch (SocketException error)
        {
            return error.Message;
        }
        catch (ObjectDisposedException)
        {
            return "the interface is gone";
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        (Socket Socket, Task Reading)[] all;
        lock (_gate)
        {
            all = [.. _open.Values];
            _open.Clear();
        }
        foreach ((Socket socket, Task reading) in all)
        {
            socket.Dispose();
            await reading.ConfigureAwait(false);
        }
        _stopping.Dispose();
    }

    private LinkInterface[] Open(IReadOnlyList<LinkInterface> interfaces)
    {
        List<string> problems = [];
        foreach (LinkInterface gone in _open.Where(open => open.Value.Reading.IsCompleted || interfaces.FirstOrDefault(open.Key.Equals) is not { } now || !now.HasAddressesOf(open.Key)).Select(open => open.Key).ToArray())
        {
            _open.Remove(gone, out (Socket Socket, Task Reading) closed);
            closed.Socket.Dispose();
        }
        foreach (LinkInterface link in interfaces.Where(link => !_open.ContainsKey(link)))
        {
            try
            {
                Socket socket = Join(link);
                _open.Add(link, (socket, Task.Run(() => ReadAsync(link, socket))));
            }
            catch (SocketException error)
            {
                problems.Add($"{link}: {error.Message}");
                MdnsLog.LinkFailed(_logger, link.ToString(), error.Message);
            }
        }
        Problems = problems;
        return [.. _open.Keys];
    }

    private static Socket Join(LinkInterface link)
    {
        bool isFour = link.Family == AddressFamily.InterNetwork;
        var socket = new Socket(link.Family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // the responder of the system, and other nodes, have the port too
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            if (isFour)
            {
                IPAddress own = link.Own.First().Address;
                socket.Bind(new IPEndPoint(IPAddress.Any, MdnsAgent.Port));
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(_group4.Address, own));
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, own.GetAddressBytes());
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastLoopback, true);
                socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, 255);
            }
            else
            {
                socket.DualMode = false;
                socket.Bind(new IPEndPoint(IPAddress.IPv6Any, MdnsAgent.Port));
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.PacketInformation, true);
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.AddMembership, new IPv6MulticastOption(_group6.Address, link.Interface.Index));
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastInterface, link.Interface.Index);
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastLoopback, true);
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.MulticastTimeToLive, 255);
            }
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task ReadAsync(LinkInterface link, Socket socket)
    {
        byte[] buffer = new byte[MdnsAgent.MaxPacket];
        IPEndPoint any = new(link.Family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        IPAddress group = (link.Family == AddressFamily.InterNetwork ? _group4 : _group6).Address;
        while (true)
        {
            SocketReceiveMessageFromResult read;
            try
            {
                read = await socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, any, _stopping.Token).ConfigureAwait(false);
            }
            catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.OperationAborted or SocketError.Interrupted or SocketError.NotSocket)
            {
                return;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.MessageSize or SocketError.ConnectionReset)
            {
                // longer than any packet of multicast DNS; or a packet of ours that a host did not take
                continue;
            }
            catch (SocketException error)
            {
                MdnsLog.LinkFailed(_logger, link.ToString(), error.Message);
                return;
            }

            // the system gives a socket what comes to the group on any interface
            if (read.PacketInformation.Interface == link.Interface.Index && WithoutZone(read.PacketInformation.Address).Equals(group)
                && (read.SocketFlags & SocketFlags.Truncated) == 0 && read.RemoteEndPoint is IPEndPoint sender)
            {
                _received(new MdnsPacket(link, new IPEndPoint(WithoutZone(sender.Address), sender.Port), buffer.AsMemory(0, read.ReceivedBytes).ToArray()));
            }
        }
    }

    private static IPAddress WithoutZone(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;
}

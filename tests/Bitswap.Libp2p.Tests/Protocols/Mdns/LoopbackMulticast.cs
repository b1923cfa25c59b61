using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Bitswap.Libp2p.Tests.Protocols.Mdns;

/// <summary>Packets to a group on the loopback interface.</summary>
internal static class LoopbackMulticast
{
    /// <summary>The name of the interface; skips the test with the reason where a packet to a group does not come back on it.</summary>
    public static async Task<string> NameAsync()
    {
        NetworkInterface? loopback = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(network => network.NetworkInterfaceType == NetworkInterfaceType.Loopback && network.OperationalStatus is (OperationalStatus.Up or OperationalStatus.Unknown));
        Assert.SkipWhen(loopback is null, "this machine has no loopback interface");
        IPAddress group = IPAddress.Parse("239.255.77.77");
        try
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 0));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(group, IPAddress.Loopback));
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
            await socket.SendToAsync(new byte[1], new IPEndPoint(group, ((IPEndPoint)socket.LocalEndPoint!).Port));
            using CancellationTokenSource late = new(TimeSpan.FromSeconds(5));
            await socket.ReceiveAsync(new byte[1], late.Token);
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            Assert.Skip($"this machine takes no packets to a group on its loopback interface: {failure.Message}");
        }
        return loopback!.Name;
    }
}

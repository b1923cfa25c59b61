using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Mdns;
using Bitswap.Libp2p.Tests.Protocols.Mdns;
using Bitswap.Node.Tests.Interop;
using Bitswap.Tests.Shared;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Interop;

/// <summary>@libp2p/mdns and this host find each other, on loopback.</summary>
public sealed class MdnsInteropTests(HeliaInstallation npm) : IClassFixture<HeliaInstallation>
{
    [Fact]
    public async Task Each_finds_the_other_and_what_it_finds_can_be_dialled()
    {
        string loopback = await LoopbackMulticast.NameAsync();
        await using Libp2pHost host = await StartAsync();
        await using MdnsDiscovery discovery = new(host, new MdnsOptions { Interfaces = [loopback] });
        discovery.Start();
        await using PeerProcess js = npm.StartScript("mdns.mjs", "--for", host.PeerId.ToString());
        Multiaddr address = await js.AddressAsync();

        string?[] found = [.. (await js.ReadAsync()).GetProperty("found").EnumerateArray().Select(text => text.GetString())];
        Assert.Equal(host.Addresses.Select(own => own.WithoutPeerId().ToString()), found);

        await Poll.UntilAsync(() => discovery.Peers.Any(peer => peer.Peer.Equals(address.PeerId)));
        DiscoveredPeer peer = discovery.Peers.Single(peer => peer.Peer.Equals(address.PeerId));
        Assert.Equal([address], peer.Addresses);
        Libp2pConnection connection = await host.ConnectAsync(peer.Addresses);
        Assert.Equal(address.PeerId, connection.RemotePeer);
    }
}

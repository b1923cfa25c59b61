using System.Reflection;
using Bitswap.Libp2p.Protocols.Kademlia;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

public sealed class KademliaOptionsTests
{
    public static TheoryData<string> Limits =>
    [
        .. typeof(KademliaOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.PropertyType == typeof(int) || p.PropertyType == typeof(TimeSpan))
            .Select(p => p.Name),
    ];

    [Theory]
    [MemberData(nameof(Limits))]
    public void A_limit_out_of_range_is_refused_by_name(string name)
    {
        PropertyInfo limit = typeof(KademliaOptions).GetProperty(name)!;
        object[] wrong = limit.PropertyType == typeof(int)
            ? [0, -1, int.MinValue, (16 * 1024 * 1024) + 1, int.MaxValue]
            : [TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(-1), TimeSpan.FromHours(1) + TimeSpan.FromTicks(1), TimeSpan.MaxValue];
        KademliaOptions options = new();

        foreach (object value in wrong)
        {
            Exception thrown = Assert.Throws<TargetInvocationException>(() => limit.SetValue(options, value)).InnerException!;
            Assert.Equal(name, Assert.IsType<ArgumentOutOfRangeException>(thrown).ParamName);
        }
        limit.SetValue(options, limit.GetValue(options));
    }

    [Fact]
    public void The_defaults_are_those_of_the_network()
    {
        KademliaOptions options = new();

        Assert.Equal("/ipfs/kad/1.0.0", options.ProtocolId);
        Assert.Equal("/ipfs/lan/kad/1.0.0", KademliaOptions.LanProtocol);
        Assert.Equal((10, 3, 20), (options.Concurrency, options.Resiliency, options.BucketSize));
        Assert.Equal(4 * 1024 * 1024, options.MaxMessageSize);
        Assert.Empty(options.BootstrapPeers);
    }

    [Fact]
    public void Bootstrap_peers_need_a_peer_id_and_are_bounded()
    {
        Multiaddr nobody = Multiaddr.Parse("/ip4/127.0.0.1/tcp/4001");
        Multiaddr somebody = nobody.WithPeerId(KademliaPeers.Id(1));

        Assert.Throws<ArgumentNullException>(() => new KademliaOptions { BootstrapPeers = null! });
        Assert.Throws<ArgumentException>(() => new KademliaOptions { BootstrapPeers = [somebody, nobody] });
        Assert.Throws<ArgumentException>(() => new KademliaOptions { BootstrapPeers = [null!] });
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new KademliaOptions { BootstrapPeers = [.. Enumerable.Repeat(somebody, KademliaOptions.MaxBootstrapPeers + 1)] });
        Assert.Equal([somebody], new KademliaOptions { BootstrapPeers = [somebody] }.BootstrapPeers);
    }

    [Fact]
    public void A_list_of_bootstrap_peers_that_is_changed_later_changes_nothing()
    {
        List<Multiaddr> peers = [KademliaPeers.Address(1)];
        KademliaOptions options = new() { BootstrapPeers = peers };

        peers.Add(null!);

        Assert.Single(options.BootstrapPeers);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ipfs/kad/1.0.0")]
    public void A_protocol_begins_with_a_slash(string protocol) =>
        Assert.Throws<ArgumentException>(() => new KademliaOptions { ProtocolId = protocol });

    [Fact]
    public void A_protocol_is_bounded()
    {
        Assert.Throws<ArgumentNullException>(() => new KademliaOptions { ProtocolId = null! });
        Assert.Throws<ArgumentOutOfRangeException>(() => new KademliaOptions { ProtocolId = "/" + new string('a', 256) });
    }
}

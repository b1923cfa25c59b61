using System.Reflection;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Node;

namespace Bitswap.Tests;

public sealed class NodeOptionTableTests
{
    [Fact]
    public void Options_of_every_room_go_by_their_names()
    {
        Assert.Contains("MaxWants", NodeOptionTable.Names);
        Assert.Contains("MaxConnections", NodeOptionTable.Names);
        Assert.Contains("InboxCapacity", NodeOptionTable.Names);
        Assert.DoesNotContain("Path", NodeOptionTable.Names);
        Assert.DoesNotContain("Identity", NodeOptionTable.Names);
    }

    [Fact]
    public void Every_plain_option_of_the_rooms_is_in_the_table_and_arrives()
    {
        Type[] plain = [typeof(int), typeof(long), typeof(ulong), typeof(double), typeof(bool), typeof(TimeSpan), typeof(string), typeof(IReadOnlyList<string>), typeof(IReadOnlyList<Uri>)];
        string[] names =
        [
            .. new[] { typeof(NodeOptions), typeof(EngineOptions), typeof(WireLimits), typeof(RoutingOptions), typeof(HttpRetrievalOptions), typeof(Libp2pOptions), typeof(RelayOptions) }
                .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
                .Where(property => property.CanWrite && plain.Contains(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType))
                .Select(property => property.Name)
                .Append(nameof(RoutingOptions.DhtBootstrap))
                .Append(nameof(RoutingOptions.Provide))
                .Append(nameof(RoutingOptions.Discover))
                .Append(nameof(Libp2pOptions.SecurityProtocols))
                .Append(nameof(RelayOptions.RelayServers))
                .Append(nameof(RelayOptions.RelayPeers))
                .Except([nameof(NodeOptions.Path)])
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
        Assert.Equal(names, NodeOptionTable.Names);

        foreach (PropertyInfo property in typeof(EngineOptions).GetProperties().Where(property => property.PropertyType == typeof(int) && property.CanWrite))
        {
            int value = (int)property.GetValue(new EngineOptions())!;
            int other = value > 1 ? value - 1 : value + 1;
            Assert.Equal(other, property.GetValue(NodeOptionTable.Set(new NodeOptions(), property.Name, other).Engine));
        }
    }

    [Fact]
    public void A_set_option_arrives_and_the_given_options_stay()
    {
        NodeOptions before = new();
        NodeOptions after = NodeOptionTable.Set(NodeOptionTable.Set(before, "maxwants", 7), "InboxCapacity", "32");
        Assert.Equal(7, after.Engine.MaxWants);
        Assert.Equal(32, after.InboxCapacity);
        Assert.NotEqual(7, before.Engine.MaxWants);
    }

    [Fact]
    public void Times_are_spans_or_seconds()
    {
        Assert.Equal(TimeSpan.FromSeconds(1.5), NodeOptionTable.Set(new NodeOptions(), "BitswapNegotiationTime", 1.5).BitswapNegotiationTime);
        Assert.Equal(TimeSpan.FromSeconds(2), NodeOptionTable.Set(new NodeOptions(), "BitswapNegotiationTime", TimeSpan.FromSeconds(2)).BitswapNegotiationTime);
    }

    [Fact]
    public void Interfaces_are_one_or_several_names()
    {
        foreach (object given in new object[] { "eth0", new[] { "eth0" }, new object[] { "eth0" } })
        {
            Assert.Equal(["eth0"], NodeOptionTable.Set(new NodeOptions(), "DiscoverOn", given).Routing.DiscoverOn);
        }

        Assert.Equal(PeerDiscovery.Lan, NodeOptionTable.Set(new NodeOptions(), "discover", "lan").Routing.Discover);
        Assert.Throws<ArgumentException>(() => NodeOptionTable.Set(new NodeOptions(), "Discover", "1"));
        Assert.Throws<ArgumentException>(() => NodeOptionTable.Set(new NodeOptions(), "DiscoverOn", ""));
        Assert.Throws<ArgumentException>(() => NodeOptionTable.Set(new NodeOptions(), "DiscoverOn", 7));
    }

    [Fact]
    public void Routers_are_one_or_several_addresses()
    {
        Uri one = new("https://a.example");
        Uri two = new("http://b.example/routing/v1");
        foreach (object given in new object[] { "https://a.example", one, new[] { "https://a.example" }, new object[] { one } })
        {
            Assert.Equal([one], NodeOptionTable.Set(new NodeOptions(), "Routers", given).Routing.Routers);
        }

        Assert.Equal([one, two], NodeOptionTable.Set(new NodeOptions(), "routers", new object[] { one, "http://b.example/routing/v1" }).Routing.Routers);
        Assert.Equal(7, NodeOptionTable.Set(new NodeOptions(), "MaxRouterRecords", 7).Routing.MaxRouterRecords);
    }

    [Fact]
    public void Gateways_are_one_or_several_addresses()
    {
        Uri one = new("https://a.example/base");
        Assert.Equal([one], NodeOptionTable.Set(new NodeOptions(), "Gateways", "https://a.example/base").Http.Gateways);
        Assert.Equal([one, new("http://b.example")], NodeOptionTable.Set(new NodeOptions(), "gateways", new object[] { one, "http://b.example" }).Http.Gateways);
        Assert.True(NodeOptionTable.Set(new NodeOptions(), "HttpRetrieval", true).Http.HttpRetrieval);
    }

    [Fact]
    public void Peers_of_the_DHT_are_one_or_several_addresses()
    {
        Multiaddr one = Multiaddr.Parse("/ip4/192.0.2.1/tcp/1/p2p/12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99");
        foreach (object given in new object[] { one, $"{one}", new object[] { $"{one}" } })
        {
            Assert.Equal([one], NodeOptionTable.Set(new NodeOptions(), "DhtBootstrap", given).Routing.DhtBootstrap);
        }
    }

    [Fact]
    public void Security_protocols_are_one_or_several_names_in_their_order()
    {
        foreach (object given in new object[] { "tls", SecurityProtocol.Tls, new object[] { "Tls" } })
        {
            Assert.Equal([SecurityProtocol.Tls], Protocols(given));
        }

        Assert.Equal([SecurityProtocol.Tls, SecurityProtocol.Noise], Protocols(new[] { "TLS", "noise" }));
        Assert.Equal([SecurityProtocol.Noise, SecurityProtocol.Tls], Protocols("Noise, Tls"));
        Assert.Contains("list of Noise and Tls", Assert.Throws<ArgumentException>(() => Protocols("plaintext")).Message, StringComparison.Ordinal);

        static IReadOnlyList<SecurityProtocol> Protocols(object value) =>
            NodeOptionTable.Set(new NodeOptions(), "SecurityProtocols", value).ConfigureHost!(new Libp2pOptions { Identity = Libp2p.Crypto.PrivateKey.Generate() }).SecurityProtocols;
    }

    [Fact]
    public void Relays_are_addresses_and_their_peers_ids()
    {
        const string id = "12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99";
        NodeOptions options = NodeOptionTable.Set(NodeOptionTable.Set(new NodeOptions(), "RelayServers", $"/ip4/192.0.2.1/tcp/1/p2p/{id}"), "relaypeers", new object[] { id });
        options = NodeOptionTable.Set(NodeOptionTable.Set(options, "Relay", true), "MaxRelayCircuitTime", 90);
        RelayOptions set = options.ConfigureHost!(new Libp2pOptions { Identity = Libp2p.Crypto.PrivateKey.Generate() }).Relay;
        Assert.Equal([Multiaddr.Parse($"/ip4/192.0.2.1/tcp/1/p2p/{id}")], set.RelayServers);
        Assert.Equal([PeerId.Parse(id)], set.RelayPeers);
        Assert.True(set.Relay);
        Assert.Equal(TimeSpan.FromSeconds(90), set.MaxRelayCircuitTime);
    }

    [Theory]
    [InlineData("RelayServers", "/ip4/192.0.2.1/tcp/1")]
    [InlineData("RelayPeers", "nonsense")]
    [InlineData("RelayPeers", new string[0])]
    [InlineData("MaxRelayCircuitBytes", 1)]
    [InlineData("SecurityProtocols", null)]
    [InlineData("SecurityProtocols", new string[0])]
    [InlineData("SecurityProtocols", new[] { "Tls", "Tls" })]
    [InlineData("SecurityProtocols", "7")]
    [InlineData("DhtBootstrap", "/ip4/192.0.2.1/tcp/1")]
    [InlineData("DhtBootstrap", "nonsense")]
    [InlineData("DhtProtocol", "kad")]
    [InlineData("Gateways", "a.example")]
    [InlineData("Gateways", "https://a.example/ipfs/?format=raw")]
    [InlineData("Gateways", "https://me:secret@a.example")]
    [InlineData("Gateways", "https://a.example/a%2525")]
    [InlineData("RequestsPerGateway", 0)]
    [InlineData("GatewayTimeout", 0)]
    [InlineData("MaxGatewayRedirects", 11)]
    [InlineData("MaxGatewayFailures", 101)]
    [InlineData("MaxGatewayPause", 601)]
    [InlineData("MaxCarBytes", 1000)]
    [InlineData("MaxGateways", 1025)]
    [InlineData("Routers", "a.example")]
    [InlineData("Routers", 7)]
    [InlineData("Routers", null)]
    [InlineData("MaxRouterRedirects", 11)]
    [InlineData("NoSuchOption", 1)]
    [InlineData("Path", "x")]
    [InlineData("MaxWants", "many")]
    [InlineData("MaxWants", null)]
    [InlineData("MaxWants", 0)]
    [InlineData("MaxConnections", -1)]
    public void What_cannot_be_is_refused_where_it_is_set(string name, object? value) =>
        Assert.ThrowsAny<ArgumentException>(() => NodeOptionTable.Set(new NodeOptions(), name, value));

    [Theory]
    [InlineData("StorageMax", "lots", "'lots' is no whole number")]
    [InlineData("MaxWants", "many", "'many' is no whole number")]
    [InlineData("HandshakeTimeout", "soon", "'soon' is no time in seconds")]
    [InlineData("CheckReachability", "maybe", "'maybe' is no Boolean")]
    [InlineData("RelayServers", 7, "'7' is no list of addresses")]
    [InlineData("RelayPeers", 7, "'7' is no list of peer ids")]
    [InlineData("Provide", "Some", "None, Roots, Pinned, All")]
    public void A_refusal_says_what_the_option_takes(string name, object value, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => NodeOptionTable.Set(new NodeOptions(), name, value)).Message, StringComparison.Ordinal);
}

using System.Reflection;

namespace Bitswap.Node.Tests.Routing;

public sealed class RoutingOptionsTests
{
    /// <summary>Each option with its least and its most.</summary>
    public static TheoryData<string, double, double> Ranges => new()
    {
        { nameof(RoutingOptions.RouterTimeout), 0.01, 600 },
        { nameof(RoutingOptions.DhtQueryTimeout), 0.01, 600 },
        { nameof(RoutingOptions.MaxRouterRedirects), 0, 10 },
        { nameof(RoutingOptions.MaxRouterAnswerBytes), 1024, 256 << 20 },
        { nameof(RoutingOptions.MaxRouterRecords), 1, 100_000 },
        { nameof(RoutingOptions.MaxRouterLineBytes), 256, 4 << 20 },
        { nameof(RoutingOptions.MaxProviderAddresses), 1, 256 },
        { nameof(RoutingOptions.ProvidersPerSearch), 1, 256 },
        { nameof(RoutingOptions.MaxProviderDials), 1, 256 },
        { nameof(RoutingOptions.MaxDialsPerProvider), 1, 256 },
        { nameof(RoutingOptions.ProviderDialTimeout), 0.01, 600 },
        { nameof(RoutingOptions.AncestorsPerSearch), 0, 16 },
        { nameof(RoutingOptions.AncestorSearchDelay), 0.01, 600 },
        { nameof(RoutingOptions.AncestorSearchMemory), 0.01, 600 },
        { nameof(RoutingOptions.PeerLookupTimeout), 0.01, 600 },
        { nameof(RoutingOptions.PeerLookupMemory), 0.01, 600 },
        { nameof(RoutingOptions.MaxPeerLookups), 1, 256 },
        { nameof(RoutingOptions.NameQuorum), 1, 256 },
        { nameof(RoutingOptions.NameSettleTime), 0.01, 600 },
        { nameof(RoutingOptions.MaxNameSteps), 1, 128 },
        { nameof(RoutingOptions.MaxCachedNames), 0, 65_536 },
        { nameof(RoutingOptions.MaxNameCacheTime), 0.01, 86_400 },
        { nameof(RoutingOptions.NameRepublishInterval), 0, 86_400 },
        { nameof(RoutingOptions.ProvideInterval), 3_600, 30 * 3_600 },
        { nameof(RoutingOptions.MaxProvideKeys), 1, 1 << 24 },
        { nameof(RoutingOptions.MaxProvideStreams), 1, 256 },
        { nameof(RoutingOptions.MaxDiscoveredPeers), 1, 65_536 },
    };

    [Theory]
    [MemberData(nameof(Ranges))]
    public void An_option_out_of_its_range_is_refused(string name, double least, double most)
    {
        PropertyInfo option = typeof(RoutingOptions).GetProperty(name)!;
        bool isTime = option.PropertyType == typeof(TimeSpan);
        double step = isTime ? 0.001 : 1;
        Set(least);
        Set(most);
        foreach (double outside in new[] { least - step, most + step })
        {
            Assert.IsType<ArgumentOutOfRangeException>(Assert.Throws<TargetInvocationException>(() => Set(outside)).InnerException);
        }

        void Set(double value) => option.SetValue(new RoutingOptions(), isTime ? TimeSpan.FromSeconds(value) : (int)value);
    }

    [Fact]
    public void Every_option_has_a_range_that_is_tried() =>
        Assert.Equal(
            typeof(RoutingOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(option => option.PropertyType == typeof(int) || option.PropertyType == typeof(TimeSpan)).Select(option => option.Name).Order(),
            Ranges.Select(row => row.Data.Item1).Order());

    [Theory]
    [InlineData("roots", ProvideStrategy.Roots)]
    [InlineData("All", ProvideStrategy.All)]
    [InlineData(ProvideStrategy.Pinned, ProvideStrategy.Pinned)]
    [InlineData("None", ProvideStrategy.None)]
    public void What_is_provided_is_named(object value, ProvideStrategy expected) =>
        Assert.Equal(expected, NodeOptionTable.Set(new NodeOptions(), "Provide", value).Routing.Provide);

    [Theory]
    [InlineData("Some")]
    [InlineData("1")]
    [InlineData("Roots, All")]
    [InlineData(2)]
    public void What_is_no_such_name_is_refused_with_the_names(object value) =>
        Assert.Contains("None, Roots, Pinned, All", Assert.Throws<ArgumentException>(() => NodeOptionTable.Set(new NodeOptions(), "Provide", value)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_strategy_that_is_none_is_out_of_range() => Assert.Throws<ArgumentOutOfRangeException>(() => new RoutingOptions { Provide = (ProvideStrategy)9 });

    [Fact]
    public void Peers_of_the_DHT_have_an_id_and_its_protocol_a_slash()
    {
        Multiaddr nobody = Multiaddr.Parse("/ip4/192.0.2.1/tcp/1");
        Assert.Throws<ArgumentException>(() => new RoutingOptions { DhtBootstrap = [nobody] });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RoutingOptions { DhtBootstrap = [.. Enumerable.Repeat(nobody, 257)] });
        Assert.Throws<ArgumentException>(() => new RoutingOptions { DhtProtocol = "kad" });
    }

    [Fact]
    public void A_name_server_is_an_address_with_or_without_a_port()
    {
        Assert.Throws<ArgumentException>(() => new RoutingOptions { DnsServer = "dns.example" });
        Assert.All((string[])["", "192.0.2.1", "192.0.2.1:5353", "::1", "[::1]:53"], text => Assert.Equal(text, new RoutingOptions { DnsServer = text }.DnsServer));
        Assert.False(new RoutingOptions().ResolveNames);
    }

    [Fact]
    public void Routers_are_at_most_sixteen()
    {
        Uri[] routers = [.. Enumerable.Range(1, 17).Select(i => new Uri($"https://r{i}.example"))];
        Assert.Equal(16, new RoutingOptions { Routers = routers[..16] }.Routers.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RoutingOptions { Routers = routers });
    }
}

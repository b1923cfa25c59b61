using Bitswap.Node.Routing;

namespace Bitswap.Node.Tests.Routing;

/// <summary>What is advised when no provider that was named could be asked.</summary>
public sealed class SearchRemediesTests
{
    [Theory]
    [InlineData("could not be reached", "behind a firewall")]
    [InlineData("QUIC", "TCP and WebSocket")]
    [InlineData("WebTransport", "TCP and WebSocket")]
    [InlineData("relay", "behind a NAT")]
    [InlineData("HTTP", "HttpRetrieval")]
    [InlineData("HTTP (rate limited)", "fewer blocks at once")]
    [InlineData("HTTP (answered 451)", "legal reasons")]
    [InlineData("without Bitswap", "-Gateway")]
    [InlineData("without address", "DhtBootstrap")]
    [InlineData("address not allowed", "AllowPrivateAddresses")]
    public void Each_obstacle_has_its_remedy(string obstacle, string remedy) => Assert.Contains(remedy, SearchRemedies.Of([obstacle]));

    [Fact]
    public void Where_a_provider_is_connected_nothing_stands_in_the_way() => Assert.Null(SearchRemedies.Of(["QUIC", SearchReport.Connected]));

    [Fact]
    public void Without_providers_or_with_an_unknown_obstacle_there_is_none()
    {
        Assert.Null(SearchRemedies.Of([]));
        Assert.Null(SearchRemedies.Of(["another protocol"]));
    }

    [Fact]
    public void The_most_common_obstacles_come_first_and_no_more_than_two()
    {
        string remedy = SearchRemedies.Of(["without address", "relay", "QUIC", "WebRTC", "relay", "QUIC"])!;

        Assert.StartsWith("This node dials", remedy, StringComparison.Ordinal);
        Assert.Contains("behind a NAT", remedy);
        Assert.DoesNotContain("DhtBootstrap", remedy);
    }
}

using Bitswap.Libp2p.Reachability;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Routing;

/// <summary>Which of a node's addresses others are told, in links and elsewhere, and what a node says of each.</summary>
public sealed class OwnAddressTests
{
    private const string Public = "/ip4/203.1.2.3/tcp/4001";
    private const string Other = "/ip6/2a00:1450::9/tcp/4001";
    private const string Private = "/ip4/192.168.1.5/tcp/4001";
    private const string Loopback = "/ip4/127.0.0.1/tcp/4001";

    [Theory]
    // what is known of nothing: as the network has them, the farthest first
    [InlineData("L? " + Loopback + " L? " + Private + " L? " + Public, Public + " " + Private)]
    // reported, but not confirmed, or a guess: told to none
    [InlineData("L? " + Private + " O? " + Public + " D? " + Other, Private)]
    // confirmed: before what is not, within its reach
    [InlineData("L? " + Other + " L? " + Private + " O+ " + Public, Public + " " + Other + " " + Private)]
    [InlineData("L? " + Private + " D+ " + Public, Public + " " + Private)]
    // refuted: left out beside a confirmed one of the same reach, and told where there is no better
    [InlineData("L- " + Other + " L? " + Private + " L+ " + Public, Public + " " + Private)]
    [InlineData("L- " + Other + " L? " + Private + " L? " + Public, Public + " " + Other + " " + Private)]
    [InlineData("L- " + Public + " L+ " + Private, Public + " " + Private)]
    [InlineData("O- " + Public + " L? " + Private, Private)]
    // one that listens on its machine alone
    [InlineData("L? " + Loopback, Loopback)]
    public async Task Others_are_told_what_was_seen_to_work(string known, string told)
    {
        await using NodeHost node = await StartAsync(known);
        Assert.Equal(told.Split(' '), node.SharedAddresses.Select(address => address.ToString()));
    }

    [Fact]
    public async Task A_node_tells_what_is_known_of_each_and_may_be_dialled_where_it_listens()
    {
        await using NodeHost node = await StartAsync($"L- {Other} L? {Private} L? {Loopback} O? {Public} D+ /ip4/203.1.2.4/tcp/4001");
        Assert.Equal(
            [
                "Confirmed Internet Derived /ip4/203.1.2.4/tcp/4001",
                $"Refuted Internet Listening {Other}",
                $"Unknown Internet Observed {Public}",
                $"Unknown Network Listening {Private}",
                $"Unknown Machine Listening {Loopback}",
            ],
            node.KnownAddresses.Select(own => $"{own.State} {own.Reach} {own.Source} {own.Address}"));
        Assert.Equal(["/ip4/203.1.2.4/tcp/4001", Other, Private, Loopback], node.DialAddresses.Select(address => address.ToString()));
    }

    private static async Task<NodeHost> StartAsync(string known)
    {
        string[] words = known.Split(' ');
        OwnAddress[] all =
        [
            .. words.Chunk(2).Select(pair => new OwnAddress(
                Multiaddr.Parse(pair[1]),
                pair[0][0] switch { 'L' => AddressOrigin.Listening, 'O' => AddressOrigin.Observed, _ => AddressOrigin.Derived })
            {
                State = pair[0][1] switch { '+' => AddressState.Confirmed, '-' => AddressState.Refuted, _ => AddressState.Unknown },
            }),
        ];
        return await NodeHost.StartAsync(new NodeOptions { Network = new AddressedNetwork(new MemoryNetwork(1).CreatePeer(), all), ListenAddresses = [] });
    }

    /// <summary>A network that says this of its own addresses.</summary>
    private sealed class AddressedNetwork(IPeerNetwork inner, OwnAddress[] all) : WrappedNetwork(inner)
    {
        public override IReadOnlyList<Multiaddr> Addresses => [.. all.Where(own => own.Origin == AddressOrigin.Listening).Select(own => own.Address)];

        public override IReadOnlyList<OwnAddress> OwnAddresses => all;
    }
}

using System.Net;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Libp2p.Tests.Hosting;
using Bitswap.Libp2p.Tests.Protocols.Kademlia;
using Bitswap.Libp2p.Transports.Tcp;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Transports.Tcp;

/// <summary>Names that stand for addresses, asked of a name server on loopback.</summary>
public sealed class DnsAddrTests : IAsyncLifetime
{
    private const string One = "QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC";
    private const string Two = "QmNnooDu7bfjPFoTZYxMNLWUQJyrVwtbZg5gBMjTezGAJN";

    private readonly DnsServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    // the records of Kubo's own bootstrap names are of this form
    [Fact]
    public async Task A_name_leads_over_names_to_the_addresses_of_the_peer_that_was_named()
    {
        _server.Texts["_dnsaddr.bootstrap.example"] =
            [$"dnsaddr=/dnsaddr/a.example/p2p/{One}", $"dnsaddr=/dnsaddr/b.example/p2p/{Two}", "v=spf1 -all", "dnsaddr=nonsense"];
        _server.Texts["_dnsaddr.a.example"] =
        [
            $"dnsaddr=/ip4/192.0.2.1/tcp/4001/p2p/{One}", $"dnsaddr=/ip4/192.0.2.1/udp/4001/quic-v1/p2p/{One}",
            $"dnsaddr=/ip6/2001:db8::1/tcp/4001/p2p/{One}", $"dnsaddr=/ip4/192.0.2.1/tcp/4001/p2p/{One}", $"dnsaddr=/ip4/192.0.2.9/tcp/4001/p2p/{Two}",
            "dnsaddr=/ip4/192.0.2.8/tcp/4001", $"dnsaddr=/dns4/a.example/tcp/4001/p2p/{One}",
        ];

        Assert.Equal(
            [$"/ip4/192.0.2.1/tcp/4001/p2p/{One}", $"/ip6/2001:db8::1/tcp/4001/p2p/{One}", $"/dns4/a.example/tcp/4001/p2p/{One}"],
            (await ResolveAsync($"/dnsaddr/bootstrap.example/p2p/{One}")).Select(address => address.ToString()));
        Assert.Equal(["_dnsaddr.bootstrap.example", "_dnsaddr.a.example"], _server.Asked);
    }

    [Fact]
    public async Task A_text_of_several_strings_is_one()
    {
        string name = string.Join('.', Enumerable.Repeat(new string('a', 60), 4));
        _server.Texts["_dnsaddr.long.example"] = [$"dnsaddr=/dns4/{name}/tcp/4001/p2p/{One}"];
        Assert.Equal($"/dns4/{name}/tcp/4001/p2p/{One}", Assert.Single(await ResolveAsync("/dnsaddr/long.example")).ToString());
    }

    [Fact]
    public async Task Names_that_lead_in_a_circle_or_too_far_end()
    {
        _server.Texts["_dnsaddr.circle.example"] = ["dnsaddr=/dnsaddr/circle.example", "dnsaddr=/dnsaddr/circle2.example"];
        _server.Texts["_dnsaddr.circle2.example"] = ["dnsaddr=/dnsaddr/circle.example"];
        await FailsAsync("/dnsaddr/circle.example", "stands for no address");
        Assert.Equal(2, _server.Asked.Count);

        for (int i = 1; i <= DnsAddrResolver.MaxDepth; i++)
        {
            _server.Texts[$"_dnsaddr.n{i}.example"] = [$"dnsaddr=/dnsaddr/n{i + 1}.example"];
        }

        _server.Texts[$"_dnsaddr.n{DnsAddrResolver.MaxDepth + 1}.example"] = ["dnsaddr=/ip4/192.0.2.1/tcp/1"];
        await FailsAsync("/dnsaddr/n1.example", $"more than {DnsAddrResolver.MaxDepth} names away");
        Assert.Single(await ResolveAsync("/dnsaddr/n2.example"));
    }

    [Fact]
    public async Task Names_and_addresses_are_bounded_in_number()
    {
        _server.Texts["_dnsaddr.wide.example"] = [.. Enumerable.Range(1, 40).Select(i => $"dnsaddr=/dnsaddr/w{i}.example")];
        await FailsAsync("/dnsaddr/wide.example", $"more than {DnsAddrResolver.MaxLookUps} names");
        Assert.Equal(DnsAddrResolver.MaxLookUps, _server.Asked.Count);

        foreach (int network in Enumerable.Range(1, 4))
        {
            _server.Texts[$"_dnsaddr.w{network}.example"] = [.. Enumerable.Range(1, 20).Select(i => $"dnsaddr=/ip4/192.0.{network}.{i}/tcp/1")];
        }

        Assert.Equal(TestHosts.Options().MaxAddressesPerDial, (await ResolveAsync("/dnsaddr/wide.example")).Count);
    }

    [Theory]
    [InlineData("/dnsaddr/nowhere.example", "_dnsaddr.nowhere.example failed")]
    [InlineData("/dnsaddr/empty.example", "stands for no address")]
    [InlineData("/dnsaddr/quic.example", "/ip4/192.0.2.1/udp/4001/quic-v1 is for QUIC")]
    public async Task A_name_that_stands_for_nothing_to_dial_says_why(string address, string why)
    {
        _server.Texts["_dnsaddr.empty.example"] = [];
        _server.Texts["_dnsaddr.quic.example"] = ["dnsaddr=/ip4/192.0.2.1/udp/4001/quic-v1"];
        await FailsAsync(address, why);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_ends_it_in_time()
    {
        FakeTimeProvider clock = new();
        var never = new TaskCompletionSource<IReadOnlyList<string>>();
        DnsAddrResolver resolver = new(TestHosts.Options() with { Clock = clock, ResolveTimeout = TimeSpan.FromSeconds(5) }, (_, _) => never.Task);
        Task<IReadOnlyList<Multiaddr>> lookUp = resolver.ResolveAsync(Multiaddr.Parse("/dnsaddr/slow.example"), false, CancellationToken.None);

        clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(lookUp.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.1));
        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(() => lookUp.WaitAsync(TestHosts.Patience));
        Assert.Equal(Libp2pErrorIds.PeerUnreachable, error.ErrorId);
    }

    [Fact]
    public async Task A_host_reaches_the_peer_that_a_name_stands_for_and_no_other()
    {
        await using Libp2pHost alice = await TestHosts.StartAsync();
        await using Libp2pHost bob = await TestHosts.StartAsync(options => options with { LookUpText = LookUpAsync });
        _server.Texts["_dnsaddr.alice.example"] = [$"dnsaddr={alice.Addresses[0]}"];
        _server.Texts["_dnsaddr.false.example"] = [$"dnsaddr={Bare(alice.Addresses[0])}/p2p/{One}"];

        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(
            () => bob.ConnectAsync([Multiaddr.Parse("/dnsaddr/false.example")]).AsTask().WaitAsync(TestHosts.Patience));
        Assert.Contains(One, error.ToString(), StringComparison.Ordinal);
        Libp2pConnection connection = await bob.ConnectAsync([Multiaddr.Parse("/dnsaddr/alice.example")]).AsTask().WaitAsync(TestHosts.Patience);
        Assert.Equal(alice.PeerId, connection.RemotePeer);
    }

    [Fact]
    public async Task A_lookup_in_the_DHT_begins_at_a_bootstrap_peer_that_a_name_stands_for()
    {
        await using DhtServer server = await DhtServer.StartAsync();
        await using Libp2pHost host = await TestHosts.StartAsync(options => options with { LookUpText = LookUpAsync });
        _server.Texts["_dnsaddr.bootstrap.example"] = [$"dnsaddr=/dnsaddr/one.example/p2p/{server.Id}", $"dnsaddr=/dnsaddr/two.example/p2p/{Two}"];
        _server.Texts["_dnsaddr.one.example"] = [$"dnsaddr={server.Host.Addresses[0]}"];
        KademliaClient client = new(
            host, new KademliaOptions { BootstrapPeers = [Multiaddr.Parse($"/dnsaddr/bootstrap.example/p2p/{server.Id}")] });

        await foreach (KademliaPeer _ in client.FindProvidersAsync(new byte[] { 0x12, 0x01, 0xaa }))
        {
        }

        Assert.NotEmpty(server.Asked);
    }

    private static string Bare(Multiaddr address) => address.TryGetTcp(out string? host, out int port, out _) ? $"/ip4/{host}/tcp/{port}" : throw new ArgumentException(address.ToString());

    private Task<IReadOnlyList<Multiaddr>> ResolveAsync(string address) =>
        new DnsAddrResolver(TestHosts.Options(), LookUpAsync).ResolveAsync(Multiaddr.Parse(address), false, CancellationToken.None).WaitAsync(TestHosts.Patience);

    private async Task FailsAsync(string address, string why)
    {
        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(() => ResolveAsync(address));
        Assert.Equal(Libp2pErrorIds.PeerUnreachable, error.ErrorId);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<string>> LookUpAsync(string name, CancellationToken ct) => TxtRecords.LookUpAsync(_server.EndPoint, name, ct);
}

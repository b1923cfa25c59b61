using System.Collections.Concurrent;
using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Tests.Hosting;
using Bitswap.Libp2p.Transports.Tcp;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Transports.Tcp;

/// <summary>Dials to addresses that strangers gave: which of them are tried, and how often.</summary>
public sealed class DialTermsTests
{
    private static readonly DialTerms _terms = new(AddressScope.World, DialRule.Default, DialTerms.DefaultAttempts);

    private readonly FakeTimeProvider _clock = new();
    private readonly ConcurrentQueue<IPEndPoint> _tried = new();
    private readonly ConcurrentQueue<string> _lookedUp = new();
    private readonly Dictionary<string, string[]> _names = [];
    private readonly Dictionary<string, string[]> _texts = [];
    private Func<IPEndPoint, bool> _answers = _ => false;

    [Fact]
    public async Task At_most_eight_addresses_of_one_peer_are_tried()
    {
        string message = await FailsAsync(Dialer(), _terms, Literals(30));
        Assert.Equal(8, _tried.Count);
        Assert.Equal(22, message.Split("of the addresses that others give, 8 are tried").Length - 1);
    }

    [Fact]
    public async Task Those_that_a_name_stands_for_count()
    {
        _names["many.example"] = [.. Enumerable.Range(1, 30).Select(i => $"8.8.4.{i}")];
        _names["more.example"] = [.. Enumerable.Range(1, 30).Select(i => $"8.8.5.{i}")];
        await FailsAsync(Dialer(), _terms, "/dns/many.example/tcp/1", "/dns4/more.example/tcp/1", "/ip4/8.8.8.8/tcp/1");
        Assert.InRange(_tried.Count, 3, 8);
    }

    [Fact]
    public async Task What_the_caller_answers_for_has_no_such_bounds()
    {
        TcpDialer<string> dialer = Dialer();
        _names["inside.example"] = ["127.0.0.1"];
        for (int i = 0; i < 5; i++)
        {
            await FailsAsync(dialer, null, [.. Literals(30), "/dns/inside.example/tcp/1"]);
        }

        Assert.Equal(5 * 31, _tried.Count);
    }

    [Fact]
    public async Task A_name_stands_for_few_addresses_which_reach_as_far_as_their_source()
    {
        _texts["_dnsaddr.many.example"] =
        [
            "dnsaddr=/ip4/127.0.0.1/tcp/1", "dnsaddr=/ip4/10.1.2.3/tcp/1", "dnsaddr=/dns4/near.example/tcp/1",
            .. Enumerable.Range(1, 30).Select(i => $"dnsaddr=/ip4/8.8.4.{i}/tcp/1"),
        ];
        _names["near.example"] = ["192.168.1.1"];
        string message = await FailsAsync(Dialer(), _terms, "/dnsaddr/many.example");

        Assert.Equal(7, _tried.Count);
        Assert.All(_tried, endPoint => Assert.StartsWith("8.8.4.", endPoint.ToString(), StringComparison.Ordinal));
        Assert.Contains("near.example stands for 192.168.1.1", message, StringComparison.Ordinal);

        _texts["_dnsaddr.near.example"] = ["dnsaddr=/ip4/127.0.0.1/tcp/1"];
        Assert.Contains("may not give", await FailsAsync(Dialer(), _terms, "/dnsaddr/near.example"), StringComparison.Ordinal);
        Assert.Equal(7, _tried.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_name_of_a_relay_leads_over_no_further_relay(bool isStranger)
    {
        PeerId[] peers = [.. Enumerable.Range(0, 4).Select(_ => PrivateKey.Generate().PeerId)];
        string over = $"/p2p-circuit/p2p/{peers[1]}";
        _texts["_dnsaddr.evil.example"] =
        [
            $"dnsaddr=/dnsaddr/evil.example/p2p/{peers[2]}{over}", $"dnsaddr=/dns4/evil.example/tcp/1/p2p/{peers[2]}{over}", $"dnsaddr=/ip4/8.8.8.8/tcp/1/p2p/{peers[3]}{over}",
        ];
        string message = await FailsAsync(Dialer(), isStranger ? _terms : null, $"/dnsaddr/evil.example/p2p/{peers[1]}/p2p-circuit/p2p/{peers[0]}");
        Assert.Equal(["_dnsaddr.evil.example"], _lookedUp);
        Assert.Empty(_tried);
        Assert.Contains("leads over a relay, and a relay is dialled directly", message, StringComparison.Ordinal);

        // nor do those that are named beside a direct one, which take none of its places
        _texts["_dnsaddr.evil.example"] = [.. Enumerable.Range(1, 100).Select(i => $"dnsaddr=/ip4/8.8.9.{i}/tcp/1/p2p/{peers[2]}{over}"), $"dnsaddr=/ip4/8.8.8.8/tcp/1/p2p/{peers[1]}"];
        await FailsAsync(Dialer(), isStranger ? _terms : null, $"/dnsaddr/evil.example/p2p/{peers[1]}/p2p-circuit/p2p/{peers[0]}");
        Assert.Equal("8.8.8.8:1", Assert.Single(_tried).ToString());
    }

    [Fact]
    public async Task What_the_names_of_relays_stand_for_counts_among_the_addresses_of_the_peer_behind()
    {
        PeerId[] peers = [.. Enumerable.Range(0, 4).Select(_ => PrivateKey.Generate().PeerId)];
        for (int i = 0; i < 3; i++)
        {
            _texts[$"_dnsaddr.r{i}.example"] = [.. Enumerable.Range(1, 30).Select(j => $"dnsaddr=/ip4/8.{i}.8.{j}/tcp/1/p2p/{peers[i]}")];
        }

        await FailsAsync(Dialer(), _terms, [.. Enumerable.Range(0, 3).Select(i => $"/dnsaddr/r{i}.example/p2p/{peers[i]}/p2p-circuit/p2p/{peers[3]}"), "/ip4/8.8.8.8/tcp/1"]);
        Assert.Equal(7, _tried.Count);

        // and so do names of names
        _tried.Clear();
        _texts["_dnsaddr.names.example"] = [.. Enumerable.Range(1, 4).Select(i => $"dnsaddr=/dns4/n{i}.example/tcp/1/p2p/{peers[0]}")];
        for (int i = 1; i <= 4; i++)
        {
            _names[$"n{i}.example"] = [.. Enumerable.Range(1, 30).Select(j => $"8.{i}.4.{j}")];
        }

        await FailsAsync(Dialer(), _terms, $"/dnsaddr/names.example/p2p/{peers[0]}/p2p-circuit/p2p/{peers[3]}", $"/dnsaddr/names.example/p2p/{peers[0]}");
        Assert.Equal(8, _tried.Count);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("169.254.169.254")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("::ffff:192.168.1.1")]
    [InlineData("64:ff9b::a01:203")]
    [InlineData("2002:7f00:1::")]
    public async Task A_name_that_stands_for_what_is_near_is_not_tried(string near)
    {
        _names["trap.example"] = [near];
        _names["half.example"] = [near, "8.8.8.8"];
        string message = await FailsAsync(Dialer(), _terms, "/dns/trap.example/tcp/22");
        Assert.Empty(_tried);
        Assert.Contains("trap.example stands for", message, StringComparison.Ordinal);

        await FailsAsync(Dialer(), _terms, "/dns/half.example/tcp/22");
        Assert.Equal("8.8.8.8:22", Assert.Single(_tried).ToString());
        await FailsAsync(Dialer(), _terms with { Rule = new DialRule { AllowPrivate = true } }, "/dns/trap.example/tcp/22");
        Assert.Equal(2, _tried.Count);
    }

    [Fact]
    public async Task One_port_named_as_that_of_many_peers_is_tried_a_few_times_in_a_while()
    {
        TcpDialer<string> dialer = Dialer(options => options with { MaxStrangerDialsPerEndPoint = 3, StrangerDialWindow = TimeSpan.FromSeconds(30) });
        string message = "";
        for (int i = 0; i < 10; i++)
        {
            message = await FailsAsync(dialer, _terms, "/ip4/8.8.8.8/tcp/22");
        }

        Assert.Equal(3, _tried.Count);
        Assert.Contains(nameof(Libp2pOptions.MaxStrangerDialsPerEndPoint), message, StringComparison.Ordinal);
        await FailsAsync(dialer, _terms, "/ip4/8.8.8.8/tcp/23");
        Assert.Equal(4, _tried.Count);
        await FailsAsync(dialer, null, "/ip4/8.8.8.8/tcp/22");
        Assert.Equal(5, _tried.Count);

        _clock.Advance(TimeSpan.FromSeconds(30));
        await FailsAsync(dialer, _terms, "/ip4/8.8.8.8/tcp/22");
        Assert.Equal(6, _tried.Count);
    }

    [Fact]
    public async Task The_ports_of_one_host_are_counted_together_unless_it_is_this_machine()
    {
        TcpDialer<string> dialer = Dialer(options => options with { MaxStrangerDialsPerHost = 5 });
        string message = "";
        for (int port = 1; port <= 20; port++)
        {
            message = await FailsAsync(dialer, _terms, $"/ip4/8.8.8.8/tcp/{port}");
        }

        Assert.Equal(5, _tried.Count);
        Assert.Contains(nameof(Libp2pOptions.MaxStrangerDialsPerHost), message, StringComparison.Ordinal);
        DialTerms near = _terms with { Source = AddressScope.Machine };
        for (int port = 1; port <= 20; port++)
        {
            await FailsAsync(dialer, near, $"/ip4/127.0.0.1/tcp/{port}");
        }

        Assert.Equal(25, _tried.Count);
    }

    [Fact]
    public async Task A_dial_that_reaches_its_peer_does_not_count()
    {
        _answers = _ => true;
        TcpDialer<string> dialer = Dialer(options => options with { MaxStrangerDialsPerEndPoint = 1, MaxStrangerDialsPerHost = 1 });
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("8.8.8.8:4001", await dialer.DialAsync([Multiaddr.Parse("/ip4/8.8.8.8/tcp/4001")], null, _terms, default));
        }
    }

    [Fact]
    public async Task However_many_hosts_there_are_few_are_remembered()
    {
        TcpDialer<string> dialer = Dialer(options => options with { MaxStrangerDialsPerEndPoint = 1 });
        for (int i = 0; i < 5000; i++)
        {
            await FailsAsync(dialer, _terms, $"/ip4/8.{8 + (i >> 8)}.{i & 255}.1/tcp/1");
        }

        Assert.Equal(5000, _tried.Count);

        // the first is forgotten, the last is not
        await FailsAsync(dialer, _terms, "/ip4/8.8.0.1/tcp/1");
        Assert.Equal(5001, _tried.Count);
        await FailsAsync(dialer, _terms, $"/ip4/8.{8 + (4999 >> 8)}.{4999 & 255}.1/tcp/1");
        Assert.Equal(5001, _tried.Count);
    }

    private static string[] Literals(int count) => [.. Enumerable.Range(1, count).Select(i => $"/ip4/8.8.8.{i}/tcp/4001")];

    private static async Task<string> FailsAsync(TcpDialer<string> dialer, DialTerms? terms, params string[] addresses) =>
        (await Assert.ThrowsAsync<Libp2pException>(() => dialer.DialAsync([.. addresses.Select(Multiaddr.Parse)], null, terms, default).WaitAsync(TestHosts.Patience))).Message;

    private TcpDialer<string> Dialer(Func<Libp2pOptions, Libp2pOptions>? configure = null)
    {
        Libp2pOptions options = TestHosts.Options() with { Clock = _clock };
        TcpDialer<string>? dialer = null;
        return dialer = new TcpDialer<string>(
            configure?.Invoke(options) ?? options,
            new AddressResolver(TimeSpan.FromSeconds(5), _clock, (name, _) => Task.FromResult<IPAddress[]>([.. _names[name].Select(IPAddress.Parse)])),
            new DnsAddrResolver(options, (name, _) =>
            {
                _lookedUp.Enqueue(name);
                return Task.FromResult<IReadOnlyList<string>>(_texts[name]);
            }),
            (target, _, _) =>
            {
                IPEndPoint endPoint = target.EndPoint;
                _tried.Enqueue(endPoint);
                return _answers(endPoint) ? Task.FromResult(endPoint.ToString()) : Task.FromException<string>(new IOException("refused"));
            },
            (address, terms, maxAttempts, ct) => dialer!.DialRelayAsync([address.Relay], address.RelayPeer, terms, maxAttempts, ct),
            _ => ValueTask.CompletedTask,
            NullLogger.Instance);
    }
}

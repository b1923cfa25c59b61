using System.Collections.Concurrent;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.AutoNat;
using Bitswap.Libp2p.Protocols.AutoNat.Wire;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Libp2p.Reachability;
using Bitswap.Tests.Shared;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.AutoNat;

/// <summary>A host on loopback, where it counts as the internet, and servers in networks of their own that it asks.</summary>
public sealed class ReachabilityCheckTests
{
    private const string Ok = nameof(DialResponse.Types.ResponseStatus.Ok);

    [Fact]
    public async Task Servers_of_two_networks_confirm_where_a_host_listens()
    {
        SkipWithoutLoopbackNetworks();
        await using Libp2pHost host = await StartHostAsync();
        await using DialBackServer first = await DialBackServer.StartAsync(listen: "/ip4/127.0.1.1/tcp/0");
        await using DialBackServer second = await DialBackServer.StartAsync(
            (server, dialer) => DialBackServer.Make(server, dialer, data: 30_001), "/ip4/127.0.2.1/tcp/0");

        await host.ConnectAsync(first.Host.Addresses);
        await Poll.UntilAsync(() => host.OwnAddresses is [{ Reached: 1 }]);
        Assert.Equal(AddressState.Unknown, host.OwnAddresses[0].State);
        await host.ConnectAsync(second.Host.Addresses);
        await Poll.UntilAsync(() => host.OwnAddresses is [{ State: AddressState.Confirmed }]);

        OwnAddress own = Assert.Single(host.OwnAddresses);
        Assert.Equal((host.Addresses[0], AddressOrigin.Listening, 2, 0), (own.Address, own.Origin, own.Reached, own.Failed));
        Assert.NotNull(own.Checked);
        Assert.Equal([host.Addresses[0].WithoutPeerId()], first.Asked.Distinct());
        // whole chunks: at least what was asked for, and no more than one chunk beyond
        Assert.InRange(second.DataReceived, 30_001, 30_001 + 4095);
    }

    [Fact]
    public async Task Where_no_dial_gets_through_an_address_is_refuted_and_left_out_while_another_is_confirmed()
    {
        SkipWithoutLoopbackNetworks();
        // one address that works, and one that servers say does not
        await using Libp2pHost host = await StartHostAsync(o => o with { ListenAddresses = [AnyPort, AnyPort] });
        Multiaddr works = host.Addresses[0];
        DialResponse failed = new() { Status = DialResponse.Types.ResponseStatus.Ok, DialStatus = DialStatus.EDialError };
        await using DialBackServer first = await DialBackServer.StartAsync(failed, "/ip4/127.0.1.1/tcp/0");
        await using DialBackServer second = await DialBackServer.StartAsync(failed, "/ip4/127.0.2.1/tcp/0");
        await host.ConnectAsync(first.Host.Addresses);
        await host.ConnectAsync(second.Host.Addresses);
        await Poll.UntilAsync(() => host.OwnAddresses.All(own => own.State == AddressState.Refuted));

        // none is known to work: all are told, as before
        Assert.Equal(host.Addresses, host.AnnouncedAddresses);

        OwnAddress[] mixed = [.. host.OwnAddresses.Select(own => own.Address.Equals(works) ? own with { State = AddressState.Confirmed } : own)];
        Assert.Equal([works], OwnAddress.ToAnnounce(mixed).Select(own => own.Address));
        Assert.Equal(2, OwnAddress.ToDial(mixed).Count);
    }

    public static TheoryData<string> Liars => [.. _liars.Keys];

    private static readonly Dictionary<string, Func<Libp2pHost, Libp2pHost, Libp2pHost, DialBackServer>> _liars = new()
    {
        ["says that it dialled and did not"] = (_, host, dialer) => DialBackServer.Make(host, dialer, nonceChange: 1),
        ["brings the number over the connection that is there"] = (_, host, dialer) => DialBackServer.Make(host, dialer, stays: true),
        ["dials, brings the number, and says that the dial failed"] = (_, host, dialer) => DialBackServer.Make(host, dialer, success: DialStatus.EDialError),
        ["answers about an address that it was not asked about"] = (_, host, dialer) => DialBackServer.Make(host, dialer, index: 1),
        ["wants data for an address that it was not asked about"] = (_, host, dialer) => DialBackServer.Make(host, dialer, data: 100, index: 7),
        ["wants too much data"] = (_, host, dialer) => DialBackServer.Make(host, dialer, data: 100_001),
        ["answers with a status that there is not"] = (_, host, dialer) => DialBackServer.Make(host, dialer, success: (DialStatus)7),
        ["ends the stream without an answer"] = (_, host, dialer) => DialBackServer.Make(host, dialer, isSilent: true),
    };

    [Theory]
    [MemberData(nameof(Liars))]
    public async Task What_a_server_says_that_was_not_seen_does_not_count(string liar)
    {
        await using Libp2pHost host = await StartQuietAsync();
        await using DialBackServer server = await DialBackServer.StartAsync((own, dialer) => _liars[liar](host, own, dialer));
        Assert.Equal(CheckOutcome.Failed, await AskAsync(host, server));
        Assert.Equal(0, server.DataReceived);
    }

    [Fact]
    public async Task A_server_that_wants_as_much_data_as_it_may_gets_it()
    {
        await using Libp2pHost host = await StartQuietAsync();
        await using DialBackServer server = await DialBackServer.StartAsync((own, dialer) => DialBackServer.Make(own, dialer, data: 100_000));
        Assert.Equal(CheckOutcome.Reached, await AskAsync(host, server));
        Assert.InRange(server.DataReceived, 100_000, 104_095);
    }

    [Fact]
    public async Task A_server_that_did_not_hear_that_the_number_came_counts_since_it_came()
    {
        await using Libp2pHost host = await StartQuietAsync();
        await using DialBackServer server = await DialBackServer.StartAsync((own, dialer) => DialBackServer.Make(own, dialer, success: DialStatus.EDialBackError));
        Assert.Equal(CheckOutcome.Reached, await AskAsync(host, server));
    }

    [Theory]
    [InlineData("EDialRefused", 0, nameof(CheckOutcome.Refused))]
    [InlineData("ERequestRejected", 0, nameof(CheckOutcome.Failed))]
    [InlineData("EInternalError", 0, nameof(CheckOutcome.Failed))]
    [InlineData(Ok, 100, nameof(CheckOutcome.NotReached))]
    [InlineData(Ok, 0, nameof(CheckOutcome.Failed))]
    public async Task Answers_without_a_dial_are_told_apart(string status, int dial, string outcome)
    {
        await using Libp2pHost host = await StartQuietAsync();
        await using DialBackServer server = await DialBackServer.StartAsync(new DialResponse
        {
            Status = Enum.Parse<DialResponse.Types.ResponseStatus>(status),
            DialStatus = (DialStatus)dial,
        });
        Assert.Equal(outcome, (await AskAsync(host, server)).ToString());
    }

    [Fact]
    public async Task A_host_on_this_machine_alone_asks_nothing_and_says_nothing()
    {
        await using Libp2pHost host = await StartAsync();
        await using DialBackServer server = await DialBackServer.StartAsync();
        Libp2pConnection connection = await server.Host.ConnectAsync(host.Addresses);
        await Poll.UntilAsync(() => connection.IsIdentified && host.Connections is [{ IsIdentified: true }]);
        Assert.DoesNotContain(AutoNatClient.DialBackProtocol, connection.RemoteProtocols);
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task A_host_that_is_told_not_to_asks_nothing_and_says_nothing()
    {
        await using Libp2pHost host = await StartHostAsync(o => o with { CheckReachability = false });
        await using DialBackServer server = await DialBackServer.StartAsync();
        Libp2pConnection connection = await server.Host.ConnectAsync(host.Addresses);
        await Poll.UntilAsync(() => connection.IsIdentified && host.Connections is [{ IsIdentified: true }]);
        Assert.DoesNotContain(AutoNatClient.DialBackProtocol, connection.RemoteProtocols);
        Assert.Equal(AddressState.Unknown, host.OwnAddresses[0].State);
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task A_number_that_belongs_to_no_request_is_refused()
    {
        await using Libp2pHost host = await StartHostAsync();
        await using Libp2pHost peer = await StartAsync();
        Libp2pConnection connection = await peer.ConnectAsync(host.Addresses);
        await using Libp2pStream stream = await peer.OpenStreamAsync(connection.RemotePeer, [AutoNatClient.DialBackProtocol]);
        AutoNatFrames frames = new(stream.ReadAsync, stream.WriteAsync, 1024);
        await frames.WriteAsync(new DialBack { Nonce = 5 }, default);
        await FailsWithAsync(Libp2pErrorIds.StreamReset, () => frames.ReadAsync(DialBackResponse.Parser, default).AsTask());
    }

    [Fact]
    public async Task An_address_that_enough_peers_report_is_told_to_others_and_pushed()
    {
        // the peers dial another address than the one the host knows, as through a NAT
        SkipWithoutLoopbackNetworks();
        await using Libp2pHost host = await StartHostAsync(o => o with
        {
            ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")],
            Reachability = o.Reachability with { MinObservers = 2 },
        });
        ConcurrentQueue<IReadOnlyList<Multiaddr>> told = new();
        await using Libp2pHost listener = await StartAsync();
        listener.PeerIdentified += connection => told.Enqueue(connection.Identity.ListenAddresses);
        await host.ConnectAsync(listener.Addresses);
        await Poll.UntilAsync(() => !told.IsEmpty);
        Assert.DoesNotContain(told, addresses => addresses.Count != 1);

        await using ReportingPeer first = await ReportingPeer.ConnectAsync(host, "127.0.1.1", "/ip4/127.9.9.9/tcp/4001");
        await Poll.UntilAsync(() => host.OwnAddresses.Count == 2);
        Assert.Equal(host.Addresses, host.AnnouncedAddresses);
        await using ReportingPeer second = await ReportingPeer.ConnectAsync(host, "127.0.2.1", "/ip4/127.9.9.9/tcp/4001");
        Multiaddr found = Multiaddr.Parse("/ip4/127.9.9.9/tcp/4001");
        await Poll.UntilAsync(() => told.Any(addresses => addresses.Contains(found)));

        OwnAddress own = Assert.Single(host.OwnAddresses, own => own.Origin == AddressOrigin.Observed);
        Assert.Equal((AddressState.Confirmed, 2), (own.State, own.Observers));
        Assert.Equal(found.WithPeerId(host.PeerId), host.AnnouncedAddresses.First());
        Assert.Equal([found.WithPeerId(host.PeerId), host.Addresses[0]], KademliaAnnouncement.AddressesFor(host.AnnouncedAddresses, AddressScope.Machine));
        // it listens where it listened
        Assert.Single(host.Addresses);
    }

    [Fact]
    public async Task A_liar_makes_a_host_tell_nothing()
    {
        await using Libp2pHost host = await StartHostAsync(o => o with { Reachability = o.Reachability with { MinObservers = 2 } });
        await using ReportingPeer first = await ReportingPeer.ConnectAsync(host, "127.0.0.1", "/ip4/127.9.9.9/tcp/4001");
        await using ReportingPeer second = await ReportingPeer.ConnectAsync(host, "127.0.0.1", "/ip4/127.9.9.9/tcp/4001");
        await Poll.UntilAsync(() => host.OwnAddresses.Count == 2 && host.Connections.All(connection => connection.IsIdentified));
        Assert.Equal(1, host.OwnAddresses[1].Observers);
        Assert.Equal(host.Addresses, host.AnnouncedAddresses);
    }

    private static void SkipWithoutLoopbackNetworks() =>
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "macOS has one address of loopback unless an administrator adds others");

    // loopback counts as the internet, and its /24 as networks; what takes minutes takes none
    private static Task<Libp2pHost> StartHostAsync(Func<Libp2pOptions, Libp2pOptions>? configure = null)
    {
        Libp2pOptions options = Options() with
        {
            SplitsMachine = true,
            Reachability = new ReachabilityOptions
            {
                NearestObserved = AddressScope.Machine,
                NearestChecked = AddressScope.Machine,
                RequestPause = TimeSpan.FromMilliseconds(5),
                ServerPause = TimeSpan.FromSeconds(1),
            },
        };
        return Libp2pHost.StartAsync(configure?.Invoke(options) ?? options);
    }

    // one question, without those that the host asks by itself
    private static async Task<CheckOutcome> AskAsync(Libp2pHost host, DialBackServer server)
    {
        Libp2pConnection connection = await host.ConnectAsync(server.Host.Addresses);
        try
        {
            return await host.AutoNat!.AskAsync(connection, host.Addresses[0].WithoutPeerId(), default).WaitAsync(Patience);
        }
        catch (Libp2pException)
        {
            return CheckOutcome.Failed;
        }
    }

    private static Task<Libp2pHost> StartQuietAsync() => StartHostAsync(o => o with { Reachability = o.Reachability with { RequestPause = TimeSpan.FromHours(1) } });
}

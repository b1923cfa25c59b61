using System.Collections.Concurrent;
using System.Threading.Channels;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Multistream;
using Bitswap.Libp2p.Protocols.Identify;
using Bitswap.Libp2p.Protocols.Identify.Wire;
using Bitswap.Libp2p.Tests.Hosting;
using Bitswap.Libp2p.Yamux;
using Bitswap.Tests.Shared;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Identify;

public sealed class IdentifyTests
{
    [Fact]
    public async Task Both_sides_learn_of_each_other()
    {
        await using Libp2pHost alice = await StartAsync(o => o with { AgentVersion = "alice/1" });
        await using Libp2pHost bob = await StartAsync(o => o with { AgentVersion = "bob/1" });
        alice.Handle("/echo", EchoAsync);
        Task<Libp2pConnection> atAlice = IdentifiedAsync(alice);
        Task<Libp2pConnection> atBob = IdentifiedAsync(bob);

        await bob.ConnectAsync(alice.Addresses);
        Libp2pConnection toAlice = await atBob.WaitAsync(Patience);
        Libp2pConnection toBob = await atAlice.WaitAsync(Patience);

        Assert.Equal("alice/1", toAlice.AgentVersion);
        Assert.Equal("bob/1", toBob.AgentVersion);
        Assert.Equal("ipfs/0.1.0", toAlice.ProtocolVersion);
        Assert.Equal(["/echo", "/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0"], toAlice.RemoteProtocols);
        Assert.Equal(alice.Addresses.Select(a => a.WithoutPeerId()), toAlice.Identity.ListenAddresses);
        Assert.Equal(toBob.RemoteAddress.WithoutPeerId(), toAlice.ObservedAddress);
    }

    [Fact]
    public async Task A_changed_protocol_is_pushed()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        Channel<string> told = Channel.CreateUnbounded<string>();
        alice.PeerIdentified += c => told.Writer.TryWrite(string.Join(' ', c.RemoteProtocols));
        Libp2pConnection connection = await bob.ConnectAsync(alice.Addresses);
        await NextAsync(told, "/ipfs/id/1.0.0 /ipfs/id/push/1.0.0 /ipfs/ping/1.0.0");

        bob.Handle("/echo", EchoAsync);
        await NextAsync(told, "/echo /ipfs/id/1.0.0 /ipfs/id/push/1.0.0 /ipfs/ping/1.0.0");
        bob.Handle("/other", EchoAsync);
        await NextAsync(told, "/echo /ipfs/id/1.0.0 /ipfs/id/push/1.0.0 /ipfs/ping/1.0.0 /other");
        bob.Unhandle("/echo");
        await NextAsync(told, "/ipfs/id/1.0.0 /ipfs/id/push/1.0.0 /ipfs/ping/1.0.0 /other");

        await Poll.UntilAsync(() => connection.StreamCount == 0, "no stream is left");
    }

    [Fact]
    public async Task Many_changes_at_once_end_with_the_last_being_known()
    {
        await using Libp2pHost alice = await StartAsync();
        await using Libp2pHost bob = await StartAsync();
        for (int round = 0; round < 10; round++)
        {
            await bob.ConnectAsync(alice.Addresses);
            for (int i = 0; i < 20; i++)
            {
                bob.Handle($"/burst/{round}/{i}", EchoAsync);
                await Task.Yield();
            }

            string[] expected = [.. Enumerable.Range(0, 20).Select(i => $"/burst/{round}/{i}")];
            await Poll.UntilAsync(
                () => alice.Connections is [{ } c] && !expected.Except(c.RemoteProtocols).Any(), $"alice knows them all, round {round}");
            foreach (string protocol in expected)
            {
                bob.Unhandle(protocol);
            }
            await Poll.UntilAsync(() => alice.Connections is [{ } c] && !expected.Intersect(c.RemoteProtocols).Any(), $"and forgets them, round {round}");
            await bob.DisconnectAsync(alice.PeerId);
            await Poll.UntilAsync(() => alice.HeldConnections == 0, "alice sees it go");
        }
    }

    [Fact]
    public async Task A_peer_that_never_answers_identify_is_connected_all_the_same()
    {
        FakeTimeProvider clock = new();
        await using Libp2pHost alice = await StartAsync(o => o with { Clock = clock, IdentifyTimeout = TimeSpan.FromSeconds(1) });
        alice.Handle("/echo", EchoAsync);
        var identified = new ConcurrentQueue<Libp2pConnection>();
        alice.PeerIdentified += identified.Enqueue;
        UpgradedConnection peer = await DialRawAsync(alice);
        Task running = peer.Session.RunAsync();
        YamuxStream unanswered = (await peer.Session.AcceptAsync(CancellationToken.None).AsTask().WaitAsync(Patience))!;
        Assert.Equal(
            IdentifyService.Protocol,
            await MultistreamSelect.AcceptAsync(unanswered, [IdentifyService.Protocol], null, CancellationToken.None).AsTask().WaitAsync(Patience));

        YamuxStream echo = await peer.Session.OpenAsync(CancellationToken.None);
        await MultistreamSelect.SelectAsync(echo, ["/echo"], CancellationToken.None).AsTask().WaitAsync(Patience);
        Assert.Equal(1, Assert.Single(alice.Connections).OutboundStreams);
        clock.Advance(TimeSpan.FromSeconds(1));
        await Poll.UntilAsync(() => alice.Connections is [{ OutboundStreams: 0 }], "identify is given up");

        Assert.Single(alice.Connections);
        Assert.Empty(identified);
        await peer.DisposeAsync();
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_key_that_is_not_the_connection_own_is_ignored_with_all_the_rest()
    {
        await using Libp2pHost alice = await StartAsync();
        var identified = new ConcurrentQueue<Libp2pConnection>();
        alice.PeerIdentified += identified.Enqueue;
        UpgradedConnection peer = await DialRawAsync(alice);
        Task running = peer.Session.RunAsync();
        IdentifyMessage another = new()
        {
            PublicKey = ByteString.CopyFrom(PrivateKey.Generate().PublicKey.Encode()),
            AgentVersion = "someone else",
        };

        await PushAsync(peer, IdentifyCodec.Encode(another));

        Libp2pConnection connection = Assert.Single(alice.Connections);
        Assert.False(connection.IsIdentified);
        Assert.Null(connection.AgentVersion);
        Assert.Empty(identified);

        await PushAsync(peer, IdentifyCodec.Encode(new IdentifyMessage { AgentVersion = "itself" }));
        await Poll.UntilAsync(() => connection.AgentVersion == "itself", "a message without a key is taken");
        await peer.DisposeAsync();
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task Addresses_that_the_rule_refuses_are_left_out()
    {
        await using Libp2pHost alice = await StartAsync(o => o with { DialRule = new DialRule { AllowPublic = false } });
        UpgradedConnection peer = await DialRawAsync(alice);
        Task running = peer.Session.RunAsync();
        string[] said = ["/ip4/8.8.8.8/tcp/1", "/ip4/127.0.0.1/tcp/1", "/ip4/224.0.0.1/tcp/1"];
        IdentifyMessage message = new();
        message.ListenAddrs.AddRange(said.Select(address => ByteString.CopyFrom(Multiaddr.Parse(address).ToByteArray())));

        await PushAsync(peer, IdentifyCodec.Encode(message));

        Assert.Equal(said[1], Assert.Single(Assert.Single(alice.Connections).Identity.ListenAddresses).ToString());
        await peer.DisposeAsync();
        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_malformed_push_costs_its_stream_alone()
    {
        await using Libp2pHost alice = await StartAsync();
        UpgradedConnection peer = await DialRawAsync(alice);
        Task running = peer.Session.RunAsync();

        await FailsWithAsync(Libp2pErrorIds.StreamReset, () => PushAsync(peer, [0xff, 0xff, 0xff, 0xff, 0x0f]));

        Assert.Single(alice.Connections);
        await peer.DisposeAsync();
        await running.WaitAsync(Patience);
    }

    private static async Task PushAsync(UpgradedConnection peer, byte[] frames)
    {
        YamuxStream push = await peer.Session.OpenAsync(CancellationToken.None);
        await MultistreamSelect.SelectAsync(push, [IdentifyService.PushProtocol], CancellationToken.None).AsTask().WaitAsync(Patience);
        await push.WriteAsync(frames, CancellationToken.None);
        await push.CloseWriteAsync(CancellationToken.None);
        // the other side ends its half when it is done with the message
        Assert.Equal(0, await push.ReadAsync(new byte[1], CancellationToken.None).AsTask().WaitAsync(Patience));
    }

    private static Task<Libp2pConnection> IdentifiedAsync(Libp2pHost host)
    {
        var identified = new TaskCompletionSource<Libp2pConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        host.PeerIdentified += c => identified.TrySetResult(c);
        return identified.Task;
    }

    private static async Task NextAsync(Channel<string> told, string expected) =>
        Assert.Equal(expected, await told.Reader.ReadAsync().AsTask().WaitAsync(Patience));
}

using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Relay;
using Bitswap.Libp2p.Protocols.Relay.Wire;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;
using Google.Protobuf;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Relay;

/// <summary>Relays and peers that do not keep to the protocol.</summary>
public sealed class RelayMessageTests
{
    private static readonly byte[] _tooLong = [0xff, 0xff, 0x7f];

    [Theory]
    [InlineData("ffffffffffffffffffff01", 400)]
    [InlineData("ffff7f", 400)]
    [InlineData("03ffffff", 400)]
    [InlineData("00", 401)]
    [InlineData("020802", 401)]
    [InlineData("020809", 401)]
    [InlineData("020801", 400)]
    [InlineData("06080112020a00", 400)]
    public async Task A_relay_answers_what_is_no_request(string hex, int expected)
    {
        await using RelayTrio trio = await RelayTrio.StartAsync(reserve: false);
        await trio.Dialer.ConnectAsync([trio.Relay.Addresses[0]]);
        await using Libp2pStream stream = await trio.Dialer.OpenStreamAsync(trio.Relay.PeerId, [RelayClient.HopProtocol]);
        await stream.WriteAsync(Convert.FromHexString(hex));
        HopMessage answer = HopMessage.Parser.ParseFrom(await ReadFrameAsync(stream));
        Assert.Equal((HopMessage.Types.Type.Status, (RelayStatus)expected), (answer.Type, answer.Status));
        Assert.Empty(await ReadAllAsync(stream));
        Assert.Equal((0, 0), (trio.Relay.Relay!.Reservations, trio.Relay.Relay.Circuits));
    }

    [Theory]
    [InlineData("ffff7f", 400)]
    [InlineData("020801", 401)]
    [InlineData("020800", 400)]
    [InlineData("self", 202)]
    public async Task A_host_answers_what_a_relay_may_not_send(string hex, int expected)
    {
        await using RelayTrio trio = await RelayTrio.StartAsync();
        byte[] sent = hex == "self" ? Frame(ConnectOf(trio.Listener.PeerId)) : Convert.FromHexString(hex);
        await using Libp2pStream stream = await trio.Relay.OpenStreamAsync(trio.Listener.PeerId, [RelayClient.StopProtocol]);
        await stream.WriteAsync(sent);
        StopMessage answer = StopMessage.Parser.ParseFrom(await ReadFrameAsync(stream));
        Assert.Equal((StopMessage.Types.Type.Status, (RelayStatus)expected), (answer.Type, answer.Status));
        Assert.Empty(await ReadAllAsync(stream));
    }

    [Fact]
    public async Task A_peer_at_which_nothing_is_reserved_brings_no_connection()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync();
        await using Libp2pHost listening = await StartAsync(o => o with { Relay = new RelayOptions { RelayServers = [trio.Relay.Addresses[0]] } });
        await trio.Dialer.ConnectAsync([listening.Addresses[0]]);
        await using Libp2pStream stream = await trio.Dialer.OpenStreamAsync(listening.PeerId, [RelayClient.StopProtocol]);
        await stream.WriteAsync(Frame(ConnectOf(PrivateKey.Generate().PeerId)));
        Assert.Equal(RelayStatus.PermissionDenied, StopMessage.Parser.ParseFrom(await ReadFrameAsync(stream)).Status);
    }

    [Fact]
    public async Task Who_is_not_the_peer_that_the_relay_names_is_not_taken_in()
    {
        await using RelayTrio trio = await RelayTrio.StartAsync();
        await using Libp2pStream stream = await trio.Relay.OpenStreamAsync(trio.Listener.PeerId, [RelayClient.StopProtocol]);
        await stream.WriteAsync(Frame(ConnectOf(PrivateKey.Generate().PeerId)));
        StopMessage answer = StopMessage.Parser.ParseFrom(await ReadFrameAsync(stream));
        Assert.Equal(RelayStatus.Ok, answer.Status);
        // the relay itself speaks on, and cannot prove the other's key
        BackgroundTasks tracker = new(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        RelayChannel channel = new(stream, tracker, TimeProvider.System);
        using ConnectionUpgrader upgrader = new(new Libp2pOptions { Identity = PrivateKey.Generate() });
        RawConnection raw = new(channel, new(0, 0), new(0, 0));
        UpgradedConnection? upgraded = null;
        try
        {
            upgraded = await upgrader.UpgradeAsync(raw, ConnectionDirection.Outbound, null, default).WaitAsync(Patience);
            await upgraded.Session.RunAsync().WaitAsync(Patience);
        }
        catch (Libp2pException)
        {
            // whether it fails in the handshake or right behind it is the other side's to choose
        }
        Assert.DoesNotContain(trio.Listener.AllConnections, connection => connection.Circuit is not null);
        if (upgraded is not null)
        {
            await upgraded.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("another relay", "signed it")]
    [InlineData("another peer", "names another peer")]
    [InlineData("garbage", "malformed")]
    [InlineData("forged", "its signature does not hold")]
    [InlineData("empty", "has none")]
    public async Task A_reservation_that_cannot_be_believed_is_none(string kind, string message)
    {
        PrivateKey identity = PrivateKey.Generate();
        await using Libp2pHost relay = await StartAsync(o => o with { Identity = identity });
        await using Libp2pHost host = await StartAsync(o => o with { ListenAddresses = [] });
        ulong expire = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 600u;
        byte[] voucher = kind switch
        {
            "another relay" => RelayVouchers.Seal(PrivateKey.Generate(), host.PeerId, expire),
            "another peer" => RelayVouchers.Seal(identity, relay.PeerId, expire),
            "garbage" => [1, 2, 3],
            "forged" => Forge(RelayVouchers.Seal(identity, host.PeerId, expire)),
            _ => RelayVouchers.Seal(identity, host.PeerId, expire),
        };
        HopMessage given = new() { Type = HopMessage.Types.Type.Status, Status = RelayStatus.Ok };
        if (kind != "empty")
        {
            given.Reservation = new RelayReservation { Expire = expire, Voucher = ByteString.CopyFrom(voucher) };
        }
        relay.Handle(RelayClient.HopProtocol, async (stream, ct) =>
        {
            await ReadFrameAsync(stream);
            await stream.WriteAsync(Frame(given), ct);
        });
        Libp2pConnection connection = await host.ConnectAsync([relay.Addresses[0]]);
        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.ProtocolViolation, () => host.Relays.ReserveAsync(connection, default));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_that_a_relay_may_not_give_are_left_out_and_the_others_bounded()
    {
        await using Libp2pHost relay = await StartAsync();
        await using Libp2pHost host = await StartAsync(o => o with { ListenAddresses = [], DialRule = o.DialRule with { AllowPublic = false } });
        string[] addresses =
        [
            "/ip4/8.8.8.8/tcp/1", $"/ip4/127.0.0.1/tcp/1/p2p/{PrivateKey.Generate().PeerId}", $"/ip4/127.0.0.1/tcp/1/p2p/{relay.PeerId}/p2p-circuit",
            "/ip4/127.0.0.1/udp/1/quic-v1", .. Enumerable.Range(1, 9).Select(port => $"/ip4/127.0.0.1/tcp/{port}"), "/ip4/127.0.0.1/tcp/1",
        ];
        HopMessage given = new()
        {
            Type = HopMessage.Types.Type.Status,
            Status = RelayStatus.Ok,
            Reservation = new RelayReservation { Expire = ulong.MaxValue, Addrs = { addresses.Select(text => ByteString.CopyFrom(Multiaddr.Parse(text).Bytes)) } },
            Limit = new RelayLimit { Duration = uint.MaxValue, Data = ulong.MaxValue },
        };
        given.Reservation.Addrs.Add(ByteString.CopyFrom([0xff, 0xff]));
        relay.Handle(RelayClient.HopProtocol, async (stream, ct) =>
        {
            await ReadFrameAsync(stream);
            await stream.WriteAsync(Frame(given), ct);
        });
        Libp2pConnection connection = await host.ConnectAsync([relay.Addresses[0]]);
        HeldReservation reservation = await host.Relays.ReserveAsync(connection, default).WaitAsync(Patience);
        Assert.Equal([.. Enumerable.Range(1, 4).Select(port => Multiaddr.Parse($"/ip4/127.0.0.1/tcp/{port}/p2p/{relay.PeerId}"))], reservation.Addresses);
        Assert.Equal(TimeSpan.FromHours(1), reservation.Lifetime);
        Assert.Equal(new RelayCircuit(relay.PeerId, TimeSpan.FromSeconds(uint.MaxValue), long.MaxValue), reservation.Circuit);
    }

    [Fact]
    public async Task A_relay_that_answers_with_something_else_or_never_is_an_error()
    {
        await using Libp2pHost relay = await StartAsync();
        await using Libp2pHost host = await StartAsync(o => o with { ListenAddresses = [], DialTimeout = TimeSpan.FromMilliseconds(300) });
        Multiaddr address = Multiaddr.Parse($"{relay.Addresses[0]}/p2p-circuit/p2p/{PrivateKey.Generate().PeerId}");
        byte[]? answer = _tooLong;
        relay.Handle(RelayClient.HopProtocol, async (stream, ct) =>
        {
            await ReadFrameAsync(stream);
            await (answer is null ? Task.Delay(Timeout.Infinite, ct) : stream.WriteAsync(answer, ct).AsTask());
        });
        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.ProtocolViolation, async () => await host.ConnectAsync([address]));
        Assert.Contains("4096 are allowed", error.Message, StringComparison.Ordinal);
        answer = Frame(new HopMessage { Type = HopMessage.Types.Type.Connect });
        error = await FailsWithAsync(Libp2pErrorIds.ProtocolViolation, async () => await host.ConnectAsync([address]));
        Assert.Contains("a status is due", error.Message, StringComparison.Ordinal);
        answer = Frame(new HopMessage { Type = HopMessage.Types.Type.Status, Status = (RelayStatus)999 });
        error = await FailsWithAsync(Libp2pErrorIds.RelayConnectionFailed, async () => await host.ConnectAsync([address]));
        Assert.Contains("status 999", error.Message, StringComparison.Ordinal);
        answer = null;
        await FailsWithAsync(Libp2pErrorIds.PeerUnreachable, async () => await host.ConnectAsync([address]));
        await Poll.UntilAsync(() => host.HeldConnections == 0);
    }

    private static StopMessage ConnectOf(PeerId source) => new() { Type = StopMessage.Types.Type.Connect, Peer = new RelayPeer { Id = ByteString.CopyFrom(source.Bytes) } };

    private static byte[] Forge(byte[] voucher)
    {
        SignedEnvelope envelope = SignedEnvelope.Parser.ParseFrom(voucher);
        byte[] signature = envelope.Signature.ToByteArray();
        signature[10] ^= 1;
        envelope.Signature = ByteString.CopyFrom(signature);
        return envelope.ToByteArray();
    }

    private static byte[] Frame(IMessage message)
    {
        byte[] bytes = message.ToByteArray();
        byte[] prefix = new byte[Varint.Length((ulong)bytes.Length)];
        Varint.Write(prefix, (ulong)bytes.Length);
        return [.. prefix, .. bytes];
    }

    private static async Task<byte[]> ReadFrameAsync(Libp2pStream stream)
    {
        int length = 0;
        byte[] one = new byte[1];
        for (int shift = 0; ; shift += 7)
        {
            Assert.Equal(1, await stream.ReadAsync(one).AsTask().WaitAsync(Patience));
            length |= (one[0] & 0x7f) << shift;
            if (one[0] < 0x80)
            {
                break;
            }
        }
        byte[] frame = new byte[length];
        for (int at = 0; at < length;)
        {
            int count = await stream.ReadAsync(frame.AsMemory(at)).AsTask().WaitAsync(Patience);
            Assert.NotEqual(0, count);
            at += count;
        }
        return frame;
    }
}

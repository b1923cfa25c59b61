using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Identify;
using Bitswap.Libp2p.Protocols.Identify.Wire;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;
using Google.Protobuf;

namespace Bitswap.Libp2p.Tests.Protocols.Identify;

public sealed class IdentifyCodecTests
{
    [Fact]
    public void A_message_has_exactly_these_bytes()
    {
        IdentifyMessage message = new()
        {
            PublicKey = ByteString.CopyFrom(1, 2),
            ObservedAddr = ByteString.CopyFrom(Multiaddr.Parse("/ip4/127.0.0.1/tcp/4001").Bytes),
            ProtocolVersion = "ipfs/0.1.0",
            AgentVersion = "a",
        };
        message.ListenAddrs.Add(ByteString.CopyFrom(3));
        message.Protocols.Add("/p");

        Assert.Equal(
            "24" + "0A020102" + "120103" + "1A022F70" + "220804" + "7F000001" + "060FA1" + "2A0A697066732F302E312E30" + "320161",
            Convert.ToHexString(IdentifyCodec.Encode(message)));
    }

    [Fact]
    public async Task A_long_message_is_split_and_merged_again()
    {
        IdentifyMessage message = Long();

        byte[] frames = IdentifyCodec.Encode(message);
        List<int> sizes = [];
        for (int at = 0; at < frames.Length;)
        {
            int size = (int)Varint.Read(frames.AsSpan(at), out int prefix) + prefix;
            sizes.Add(size);
            at += size;
        }

        Assert.True(sizes.Count > 1);
        Assert.All(sizes, size => Assert.InRange(size, 1, IdentifyCodec.MaxWritten));
        Assert.Equal(message, await ReadAsync(frames));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task A_message_that_comes_in_pieces_is_the_same(int pieceSize)
    {
        Assert.Equal(Long(), await ReadAsync(IdentifyCodec.Encode(Long()), pieceSize));
    }

    [Fact]
    public async Task A_message_that_is_cut_off_anywhere_is_refused()
    {
        byte[] frame = IdentifyCodec.Encode(new IdentifyMessage { AgentVersion = "agent", ProtocolVersion = "ipfs/0.1.0" });

        for (int length = 0; length < frame.Length; length++)
        {
            await RefusedAsync(frame[..length]);
        }
    }

    [Fact]
    public async Task Ten_messages_are_merged_and_eleven_refused()
    {
        byte[] one = IdentifyCodec.Encode(Protocols("/p"));

        IdentifyMessage ten = await ReadAsync([.. Enumerable.Repeat(one, 10).SelectMany(b => b)]);

        Assert.Equal(10, ten.Protocols.Count);
        await RefusedAsync([.. Enumerable.Repeat(one, 11).SelectMany(b => b)]);
    }

    [Fact]
    public async Task A_message_of_8_KiB_is_read_and_one_byte_more_is_refused_before_it_is_buffered()
    {
        IdentifyMessage largest = new() { AgentVersion = new string('a', IdentifyCodec.MaxRead - 3) };
        Assert.Equal(IdentifyCodec.MaxRead, largest.CalculateSize());
        Assert.Equal(largest, await ReadAsync(Frame(largest.ToByteArray())));

        byte[] claim = new byte[Varint.MaxLength];
        await RefusedAsync(claim[..Varint.Write(claim, IdentifyCodec.MaxRead + 1)]);
        await RefusedAsync(claim[..Varint.Write(claim, uint.MaxValue)]);
    }

    [Theory]
    [InlineData("8000")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")]
    [InlineData("0100")]
    [InlineData("020A7F")]
    public async Task What_is_no_message_is_refused(string hex)
    {
        await RefusedAsync(Convert.FromHexString(hex));
    }

    [Fact]
    public Task Random_bytes_are_refused_or_read_and_nothing_else() => Seeded.RunAsync(async random =>
    {
        for (int i = 0; i < 2000; i++)
        {
            byte[] bytes = new byte[random.Next(1, 60)];
            random.NextBytes(bytes);
            try
            {
                await ReadAsync(bytes);
            }
            catch (Libp2pException error)
            {
                Assert.Equal(Libp2pErrorIds.ProtocolViolation, error.ErrorId);
            }
            catch (Exception error)
            {
                Assert.Fail($"round {i}: {Convert.ToHexString(bytes)}: {error}");
            }
        }
    });

    [Fact]
    public void A_push_changes_what_it_holds_and_no_more()
    {
        IdentifyMessage whole = Protocols("/a", "/b", "/a");
        whole.AgentVersion = "agent\u001b[31m";
        whole.ProtocolVersion = "ipfs/0.1.0";
        whole.ListenAddrs.Add(ByteString.CopyFrom(Multiaddr.Parse("/ip4/192.0.2.1/tcp/1").Bytes));
        whole.ListenAddrs.Add(ByteString.CopyFrom(0xff, 0xff, 0xff));

        RemoteIdentity first = IdentifyCodec.Merge(RemoteIdentity.Unknown, whole);
        RemoteIdentity second = IdentifyCodec.Merge(first, Protocols("/c"));

        Assert.Equal("agent?[31m", first.AgentVersion);
        Assert.Equal(["/a", "/b"], first.Protocols);
        Assert.Equal(Multiaddr.Parse("/ip4/192.0.2.1/tcp/1"), Assert.Single(first.ListenAddresses));
        Assert.Equal(["/c"], second.Protocols);
        Assert.Equal(first.AgentVersion, second.AgentVersion);
        Assert.Equal(first.ListenAddresses, second.ListenAddresses);
    }

    [Fact]
    public void An_answer_does_not_undo_a_push_that_overtook_it()
    {
        IdentifyMessage answer = Protocols("/old");
        answer.AgentVersion = "agent";

        RemoteIdentity known = IdentifyCodec.MergeUnder(IdentifyCodec.Merge(RemoteIdentity.Unknown, Protocols("/new")), answer);

        Assert.Equal(["/new"], known.Protocols);
        Assert.Equal("agent", known.AgentVersion);
    }

    [Fact]
    public void A_long_agent_is_cut_to_256_characters()
    {
        Assert.Equal(256, IdentifyCodec.Merge(RemoteIdentity.Unknown, new IdentifyMessage { AgentVersion = new string('x', 5000) }).AgentVersion!.Length);
    }

    private static IdentifyMessage Long()
    {
        IdentifyMessage message = Protocols([.. Enumerable.Range(0, 60).Select(i => $"/{i}/" + new string('p', 100))]);
        message.AgentVersion = "agent";
        message.PublicKey = ByteString.CopyFrom(new byte[36]);
        for (int i = 1; i <= 300; i++)
        {
            message.ListenAddrs.Add(ByteString.CopyFrom(Multiaddr.Parse($"/ip4/127.0.0.1/tcp/{i}").Bytes));
        }
        return message;
    }

    private static IdentifyMessage Protocols(params string[] protocols)
    {
        IdentifyMessage message = new();
        message.Protocols.AddRange(protocols);
        return message;
    }

    private static byte[] Frame(byte[] message)
    {
        byte[] frame = new byte[Varint.MaxLength + message.Length];
        int prefix = Varint.Write(frame, (ulong)message.Length);
        message.CopyTo(frame, prefix);
        return frame[..(prefix + message.Length)];
    }

    private static async Task RefusedAsync(byte[] bytes)
    {
        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(() => ReadAsync(bytes));
        Assert.Equal(Libp2pErrorIds.ProtocolViolation, error.ErrorId);
    }

    private static async Task<IdentifyMessage> ReadAsync(byte[] bytes, int pieceSize = int.MaxValue)
    {
        int at = 0;
        return await IdentifyCodec.ReadAsync(
            (destination, _) =>
            {
                Assert.False(destination.IsEmpty);
                int count = Math.Min(Math.Min(pieceSize, destination.Length), bytes.Length - at);
                bytes.AsMemory(at, count).CopyTo(destination);
                at += count;
                return ValueTask.FromResult(count);
            },
            CancellationToken.None);
    }
}

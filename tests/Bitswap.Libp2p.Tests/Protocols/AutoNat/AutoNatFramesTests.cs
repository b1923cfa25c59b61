using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.AutoNat;
using Bitswap.Libp2p.Protocols.AutoNat.Wire;
using Bitswap.Libp2p.Tests.Hosting;
using Bitswap.Tests.Shared;
using Google.Protobuf;

namespace Bitswap.Libp2p.Tests.Protocols.AutoNat;

public sealed class AutoNatFramesTests
{
    [Fact]
    public async Task Bytes_are_those_of_the_specification()
    {
        List<byte> written = [];
        AutoNatFrames frames = Frames([], written);
        AutoNatMessage request = new() { DialRequest = new DialRequest { Nonce = 0x1122334455667788, Addrs = { ByteString.CopyFrom(Multiaddr.Parse("/ip4/203.1.2.3/tcp/4001").ToByteArray()) } } };
        await frames.WriteAsync(request, default);
        await frames.WriteAsync(new AutoNatMessage { DialDataResponse = new DialDataResponse { Data = ByteString.CopyFrom(1, 2) } }, default);
        await frames.WriteAsync(new DialBack { Nonce = 1 }, default);
        await frames.WriteAsync(new DialBackResponse(), default);
        Assert.Equal("150A130A0804CB010203060FA1118877665544332211" + "0622040A020102" + "09090100000000000000" + "00", Convert.ToHexString([.. written]));
    }

    [Fact]
    public Task Messages_come_out_as_they_went_in_however_the_stream_divides_them() => Seeded.RunAsync(50, async random =>
    {
        List<byte> written = [];
        AutoNatFrames writer = Frames([], written);
        AutoNatMessage[] messages = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => new AutoNatMessage
        {
            DialDataResponse = new DialDataResponse { Data = ByteString.CopyFrom(random.Bytes(random.Next(4096))) },
        })];
        foreach (AutoNatMessage message in messages)
        {
            await writer.WriteAsync(message, default);
        }

        AutoNatFrames reader = Frames([.. written], [], () => random.Next(1, 5000));
        foreach (AutoNatMessage message in messages)
        {
            Assert.Equal(message, await reader.ReadAsync(AutoNatMessage.Parser, default));
        }
        await TestHosts.FailsWithAsync(Libp2pErrorIds.ProtocolViolation, () => reader.ReadAsync(AutoNatMessage.Parser, default).AsTask());
    });

    [Theory]
    [InlineData("8140", "claims 8193 bytes")]
    [InlineData("FFFFFFFFFFFFFFFFFFFF01", "no varint")]
    [InlineData("030AFF01", "malformed")]
    [InlineData("050A", "ends in the middle")]
    [InlineData("", "ends in the middle")]
    public async Task What_is_no_message_is_refused(string hex, string reason)
    {
        Libp2pException error = await TestHosts.FailsWithAsync(
            Libp2pErrorIds.ProtocolViolation, () => Frames(Convert.FromHexString(hex), []).ReadAsync(AutoNatMessage.Parser, default).AsTask());
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static AutoNatFrames Frames(byte[] input, List<byte> output, Func<int>? chunk = null)
    {
        int at = 0;
        return new AutoNatFrames(
            (destination, _) =>
            {
                int count = Math.Min(Math.Min(chunk?.Invoke() ?? int.MaxValue, destination.Length), input.Length - at);
                input.AsMemory(at, count).CopyTo(destination);
                at += count;
                return ValueTask.FromResult(count);
            },
            (data, _) =>
            {
                output.AddRange(data.Span);
                return default;
            },
            8192);
    }
}

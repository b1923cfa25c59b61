using static Bitswap.Protocol.Tests.Messages.WireData;

namespace Bitswap.Protocol.Tests.Messages;

public sealed class MessageEncodeTests
{
    private static readonly BitswapMessage _everything = new()
    {
        Full = true,
        Wantlist =
        [
            new(FooV0.Cid, 1, SendDontHave: true),
            new(Foo.Cid, -1, Type: WantType.Have),
            new(RawCid(2), 0, Cancel: true, Type: WantType.Have),
        ],
        Blocks = [Foo, FooV0],
        Presences = [new(RawCid(3), PresenceType.Have), new(RawCid(4), PresenceType.DontHave)],
        PendingBytes = 300,
    };

    private static string V0Hex => Hex(FooV0.Cid.ToByteArray());

    private static string V1Hex => Hex(Foo.Cid.ToByteArray());

    private static string CidHex(int n) => Hex(RawCid(n).ToByteArray());

    [Fact]
    public void Each_field_of_1_2_0_has_its_pinned_bytes()
    {
        string expected =
            "0a 8d01"
            + "0a28 0a22" + V0Hex + "1001 2801"
            + "0a33 0a24" + V1Hex + "10ffffffffffffffffff01 2001"
            + "0a2a 0a24" + CidHex(2) + "1801 2001"
            + "1001"
            + "1a13 0a04 01551220 120b" + "466f6f204261722042617a"
            + "1a13 0a04 00701220 120b" + "466f6f204261722042617a"
            + "2226 0a24" + CidHex(3)
            + "2228 0a24" + CidHex(4) + "1001"
            + "28ac02";
        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Hex(Encode(_everything)));
    }

    [Fact]
    public void Version_1_1_0_gets_payload_and_nothing_of_1_2_0()
    {
        string expected =
            "0a 54" + "0a26 0a22" + V0Hex + "1001" + "0a28 0a24" + CidHex(2) + "1801" + "1001"
            + "1a13 0a04 01551220 120b" + "466f6f204261722042617a"
            + "1a13 0a04 00701220 120b" + "466f6f204261722042617a";
        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Hex(Encode(_everything, BitswapVersion.V110)));
    }

    [Theory]
    [InlineData(BitswapVersion.V100)]
    [InlineData(BitswapVersion.Unversioned)]
    public void Version_1_0_0_and_the_unversioned_get_bare_blocks(BitswapVersion version)
    {
        string expected =
            "0a 54" + "0a26 0a22" + V0Hex + "1001" + "0a28 0a24" + CidHex(2) + "1801" + "1001"
            + "120b" + "466f6f204261722042617a" + "120b" + "466f6f204261722042617a";
        Assert.Equal(expected.Replace(" ", "", StringComparison.Ordinal), Hex(Encode(_everything, version)));
    }

    [Fact]
    public void The_block_that_go_wrote_is_written_the_same_but_for_an_idle_wantlist() =>
        Assert.Equal("1a130a0400701220120b466f6f204261722042617a", Hex(Encode(new BitswapMessage { Blocks = [FooV0] }, BitswapVersion.V110)));

    [Fact]
    public void An_empty_full_wantlist_is_written_an_empty_message_is_a_frame_of_length_zero()
    {
        Assert.Equal("0a021001", Hex(Encode(new BitswapMessage { Full = true })));
        byte[] frame = new byte[1];
        Assert.Equal(1, MessageCodec.EncodeFrame(new BitswapMessage(), BitswapVersion.V120, frame));
        Assert.Equal(0, frame[0]);
    }

    [Fact]
    public void What_was_written_in_1_2_0_is_read_back_the_same()
    {
        BitswapMessage read = Decode(Encode(_everything));
        Assert.Equal(_everything.Full, read.Full);
        Assert.Equal(_everything.Wantlist, read.Wantlist);
        Assert.Equal(_everything.Presences, read.Presences);
        Assert.Equal(_everything.PendingBytes, read.PendingBytes);
        Assert.Equal(_everything.Blocks.Select(block => block.Cid), read.Blocks.Select(block => block.Cid));
    }

    [Fact]
    public void A_frame_goes_into_a_larger_span_and_never_into_a_shorter_one()
    {
        int size = MessageCodec.GetFrameSize(_everything, BitswapVersion.V120);
        byte[] larger = new byte[size + 5];
        larger.AsSpan(size).Fill(0xEE);
        Assert.Equal(size, MessageCodec.EncodeFrame(_everything, BitswapVersion.V120, larger));
        Assert.True(larger.AsSpan(size).IndexOfAnyExcept((byte)0xEE) < 0);

        Assert.Throws<ArgumentException>(() => MessageCodec.EncodeFrame(_everything, BitswapVersion.V120, new byte[size - 1]));
    }

    [Fact]
    public void Encoding_allocates_nothing()
    {
        byte[] frame = new byte[MessageCodec.GetFrameSize(_everything, BitswapVersion.V120)];
        MessageCodec.EncodeFrame(_everything, BitswapVersion.V120, frame);
        long before = GC.GetAllocatedBytesForCurrentThread();
        MessageCodec.EncodeFrame(_everything, BitswapVersion.V120, frame);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}

using static Bitswap.Protocol.Tests.Messages.WireData;

namespace Bitswap.Protocol.Tests.Messages;

public sealed class MessageSplitTests
{
    private static readonly WireLimits _small = new() { MaxMessageSize = 4096, MaxOutgoingEntries = 50 };

    [Fact]
    public void A_message_that_fits_is_sent_as_it_is()
    {
        BitswapMessage message = new() { Wantlist = [new(Foo.Cid)], Blocks = [Foo] };
        Assert.Same(message, Assert.Single(MessageCodec.Split(message, BitswapVersion.V120, WireLimits.Default)));
    }

    [Fact]
    public void A_version_that_cannot_say_anything_of_it_gets_nothing()
    {
        BitswapMessage message = new() { Wantlist = [new(Foo.Cid, Type: WantType.Have)], Presences = [new(RawCid(1), PresenceType.Have)], PendingBytes = 5 };
        Assert.Single(MessageCodec.Split(message, BitswapVersion.V120, WireLimits.Default));
        Assert.Empty(MessageCodec.Split(message, BitswapVersion.V110, WireLimits.Default));
        Assert.Empty(MessageCodec.Split(message, BitswapVersion.V100, WireLimits.Default));
        Assert.Empty(MessageCodec.Split(message, BitswapVersion.Unversioned, WireLimits.Default));
        Assert.Empty(MessageCodec.Split(new BitswapMessage(), BitswapVersion.V120, WireLimits.Default));
    }

    [Fact]
    public void Presences_of_blocks_in_the_message_are_left_out()
    {
        BitswapMessage message = new()
        {
            Full = true,
            Wantlist = [new(RawCid(2))],
            Blocks = [Foo],
            Presences = [new(Foo.Cid, PresenceType.Have), new(RawCid(1), PresenceType.Have)],
            PendingBytes = 9,
        };
        BitswapMessage sent = Assert.Single(MessageCodec.Split(message, BitswapVersion.V120, WireLimits.Default));
        Assert.Equal([new BlockPresence(RawCid(1), PresenceType.Have)], sent.Presences);
        Assert.Equal((true, message.Wantlist, message.Blocks, 9), (sent.Full, sent.Wantlist, sent.Blocks, sent.PendingBytes));
    }

    [Theory]
    [InlineData(BitswapVersion.V120)]
    [InlineData(BitswapVersion.V110)]
    [InlineData(BitswapVersion.V100)]
    public void Every_part_keeps_to_the_limits_and_together_they_say_the_whole_in_order(BitswapVersion version)
    {
        Random random = new(7);
        BitswapMessage message = new()
        {
            Full = true,
            Wantlist = [.. Enumerable.Range(0, 333).Select(i => new WantlistEntry(RawCid(i), i, i % 3 == 0, (WantType)(i % 2), i % 5 == 0))],
            Blocks = [.. Enumerable.Range(0, 60).Select(i => RawBlock(RandomBytes(random, random.Next(1500))))],
            Presences = [.. Enumerable.Range(400, 222).Select(i => new BlockPresence(RawCid(i), (PresenceType)(i % 2)))],
            PendingBytes = 100,
        };
        IReadOnlyList<BitswapMessage> parts = MessageCodec.Split(message, version, _small);

        Assert.InRange(parts.Count, 15, 60);
        Assert.All(parts, part => Assert.InRange(MessageCodec.GetSize(part, version), 1, 4096));
        Assert.All(parts, part => Assert.InRange(part.Wantlist.Count, 0, 50));
        Assert.All(parts, part => Assert.InRange(part.Presences.Count, 0, 50));
        Assert.Equal([true, .. Enumerable.Repeat(false, parts.Count - 1)], parts.Select(part => part.Full));

        bool latest = version == BitswapVersion.V120;
        Assert.Equal(
            message.Wantlist.Where(entry => latest || entry.Cancel || entry.Type == WantType.Block), parts.SelectMany(part => part.Wantlist));
        Assert.Equal(message.Blocks, parts.SelectMany(part => part.Blocks));
        Assert.Equal(latest ? message.Presences : [], parts.SelectMany(part => part.Presences));

        for (int i = 0; i < parts.Count; i++)
        {
            long later = parts.Skip(i + 1).Sum(part => part.Blocks.Sum(block => block.Data.Length));
            Assert.Equal(100 + later, parts[i].PendingBytes);
        }
    }

    [Fact]
    public void The_largest_block_that_fits_goes_alone_and_one_byte_more_is_refused()
    {
        // 16 bytes of tags, lengths and prefix around the data; boxo writes 2 more, an empty wantlist, and so ends at 4 194 286.
        Block largest = RawBlock(new byte[WireLimits.LargestMessage - 16]);
        BitswapMessage message = new() { Wantlist = [new(RawCid(1))], Blocks = [Foo, largest, Foo], PendingBytes = 5 };
        IReadOnlyList<BitswapMessage> parts = MessageCodec.Split(message, BitswapVersion.V120, WireLimits.Default);

        Assert.Equal([1, 1, 1], parts.Select(part => part.Blocks.Count));
        Assert.Equal(WireLimits.LargestMessage, MessageCodec.GetSize(parts[1], BitswapVersion.V120));
        Assert.Equal([11 + 5 + largest.Data.Length, 0, 5], parts.Select(part => part.PendingBytes));

        // it fits, and is no block all the same: boxo could not send it on
        Assert.Equal(1, Decode(Encode(parts[1])).OversizedBlocks);

        Block over = RawBlock(new byte[WireLimits.LargestMessage - 15]);
        WireException error = Assert.Throws<WireException>(
            () => MessageCodec.Split(new BitswapMessage { Blocks = [over] }, BitswapVersion.V120, WireLimits.Default));
        Assert.Equal(WireException.MessageTooLarge, error.ErrorId);
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}

namespace Bitswap.Protocol.Tests.Messages;

/// <summary>A message read in parts says what it says as a whole, and no part is longer than was asked for.</summary>
public sealed class MessagePartTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(60)]
    [InlineData(1000)]
    public void Parts_say_the_whole_in_order(int most)
    {
        BitswapMessage message = new()
        {
            Full = true,
            Wantlist = [.. Enumerable.Range(0, 25).Select(i => new WantlistEntry(TestData.Absent(i), i, i % 3 == 0, SendDontHave: true))],
            Blocks = [.. Enumerable.Range(0, 20).Select(i => TestData.Block(i, 100 + i))],
            Presences = [.. Enumerable.Range(100, 15).Select(i => new BlockPresence(TestData.Absent(i), (PresenceType)(i % 2)))],
            PendingBytes = 12,
        };
        byte[] frame = new byte[MessageCodec.GetSize(message, BitswapVersion.V120)];
        byte[] framed = new byte[MessageCodec.GetFrameSize(message, BitswapVersion.V120)];
        MessageCodec.EncodeFrame(message, BitswapVersion.V120, framed);
        framed.AsSpan(framed.Length - frame.Length).CopyTo(frame);
        BitswapMessage whole = MessageCodec.Decode(frame, WireLimits.Default);

        MessageDecoder decoder = new(frame, WireLimits.Default);
        Assert.Equal((60, 40), (decoder.Left, decoder.EntriesLeft));
        List<BitswapMessage> parts = [];
        while (decoder.TryRead(most, out BitswapMessage? part))
        {
            parts.Add(part);
            Assert.InRange(part.Wantlist.Count + part.Blocks.Count + part.Presences.Count, 1, most);
            Assert.Equal(60 - parts.Sum(p => p.Wantlist.Count + p.Blocks.Count + p.Presences.Count), decoder.Left);
        }

        Assert.Equal((60 + most - 1) / most, parts.Count);
        Assert.Equal(whole.Wantlist, parts.SelectMany(part => part.Wantlist));
        Assert.Equal(whole.Presences, parts.SelectMany(part => part.Presences));
        Assert.Equal(whole.Blocks.Select(block => block.Cid), parts.SelectMany(part => part.Blocks).Select(block => block.Cid));
        Assert.Equal(Enumerable.Range(0, parts.Count).Select(i => i == 0), parts.Select(part => part.Full));
        Assert.Equal(Enumerable.Range(0, parts.Count).Select(i => i > 0), parts.Select(part => part.IsContinuation));
        Assert.Equal(Enumerable.Range(0, parts.Count).Select(i => i < parts.Count - 1), parts.Select(part => part.IsContinued));
        Assert.All(parts, part => Assert.Equal(12, part.PendingBytes));
        Assert.Equal(frame.Length, parts.Sum(part => part.WireSize));
    }

    [Fact]
    public void The_empty_message_has_one_part()
    {
        MessageDecoder decoder = new(default, WireLimits.Default);
        Assert.True(decoder.TryRead(5, out BitswapMessage? part));
        Assert.True(part.IsEmpty);
        Assert.False(part.IsContinued);
        Assert.False(decoder.TryRead(5, out _));
    }

    [Fact]
    public void A_fault_of_the_frame_is_seen_at_once_and_one_of_an_element_with_its_part()
    {
        Assert.Equal(WireException.InvalidMessage, Assert.Throws<WireException>(() => new MessageDecoder(new byte[] { 0x0A, 0x05, 0x0A }, WireLimits.Default)).ErrorId);

        // two presences, of which the second has no CID
        byte[] cid = TestData.Absent(1).ToByteArray();
        byte[] frame = [0x22, (byte)(cid.Length + 2), 0x0A, (byte)cid.Length, .. cid, 0x22, 0x00];
        MessageDecoder decoder = new(frame, WireLimits.Default);
        Assert.True(decoder.TryRead(1, out _));
        Assert.Equal(WireException.InvalidMessage, Assert.Throws<WireException>(() => decoder.TryRead(1, out _)).ErrorId);
    }
}

using Bitswap.Multiformats;
using static Bitswap.Protocol.Tests.Messages.WireData;

namespace Bitswap.Protocol.Tests.Messages;

public sealed class MessageDecodeTests
{
    // wantlist { full: 0 } payload { prefix: 00 70 12 20, data: "Foo Bar Baz" }, as js-ipfs-bitswap has it from Go.
    private const string OneBlock = "0a0210001a130a0400701220120b466f6f204261722042617a";

    // wantlist { an entry of a CIDv0, with its priority and cancel: 0, for each of seven; full: 1 }, from the same place.
    private const string FullWantlist = "0aa802"
        + "0a280a2212204ac766a46ab1db670b0d93989e48949d0bd04b20aab12b1b303998baa242f7b410011800"
        + "0a280a221220897462b2aab0b64d6308a8f6d066595175b203ad4104870e4e803d8d250f368e10071800"
        + "0a280a2212208833763dbfa488a7769fc9a1e6bf65340867b92a2a1487de4b159dafdb1577db10061800"
        + "0a280a221220784d1757d9520590530770b1359c580c3c219105e0e9dc1819e1547879dec69210051800"
        + "0a280a221220cd6c073cc735b6c68af7598433d00236fa783ecbdc5dd2ce222ba41b892e0b5010041800"
        + "0a280a2212204557b34abeeb0651fb691643b3397f66b977dd1a49ef7b60ad99086cd57a997010031800"
        + "0a280a2212205c87e6d8fc54e2401aa9e3b3bfa59260f56ef915456654289cca12ae1098613210021800"
        + "1001";

    [Fact]
    public void The_message_with_one_block_that_go_wrote_is_read()
    {
        byte[] framed = Convert.FromHexString("19" + OneBlock);
        using FrameReader reader = new(WireLimits.Default);
        framed.CopyTo(reader.GetMemory());
        Assert.True(reader.TryAdvance(framed.Length, out ReadOnlyMemory<byte> frame));
        BitswapMessage message = MessageCodec.Decode(frame, WireLimits.Default);

        Block block = Assert.Single(message.Blocks);
        Assert.Equal(FooV0.Cid, block.Cid);
        Assert.Equal("Foo Bar Baz"u8, block.Data.Span);
        Assert.Empty(message.Wantlist);
        Assert.Empty(message.Presences);
        Assert.False(message.Full);
        Assert.Equal(25, message.WireSize);
    }

    [Fact]
    public void The_full_wantlist_that_go_wrote_is_read()
    {
        byte[] framed = Convert.FromHexString("ab02" + FullWantlist);
        using FrameReader reader = new(WireLimits.Default);
        framed.CopyTo(reader.GetMemory());
        Assert.True(reader.TryAdvance(framed.Length, out ReadOnlyMemory<byte> frame));
        BitswapMessage message = MessageCodec.Decode(frame, WireLimits.Default);

        Assert.True(message.Full);
        Assert.Equal(7, message.Wantlist.Count);
        Assert.Equal([1, 7, 6, 5, 4, 3, 2], message.Wantlist.Select(entry => entry.Priority));
        Assert.All(message.Wantlist, entry => Assert.Equal((WantType.Block, false, false, 0), (entry.Type, entry.Cancel, entry.SendDontHave, entry.Cid.Version)));
        Assert.Equal("12204ac766a46ab1db670b0d93989e48949d0bd04b20aab12b1b303998baa242f7b4", Hex(message.Wantlist[0].Cid.ToByteArray()));
        Assert.True(reader.IsAtBoundary);
    }

    [Theory]
    [InlineData("0a04 00701220", "boxo and Helia")]
    [InlineData("0a00", "py-libp2p")]
    [InlineData("", "py-libp2p, through a proto3 library")]
    [InlineData("0a02 1220", "beetswap")]
    public void A_cid_v0_is_read_from_each_form_its_prefix_has_in_the_network(string prefix, string writer)
    {
        byte[] message = Field(3, [.. Convert.FromHexString(prefix.Replace(" ", "", StringComparison.Ordinal)), .. Field(2, "Foo Bar Baz"u8.ToArray())]);
        Assert.True(Decode(message).Blocks is [{ } block] && block.Cid.Equals(FooV0.Cid), writer);
    }

    [Fact]
    public void Bare_blocks_are_read_beside_payload_and_are_cid_v0()
    {
        BitswapMessage message = Decode([.. Field(3, [.. Field(1, 1, 0x55, 0x12, 0x20), .. Field(2, 7)]), .. Field(2, "Foo Bar Baz"u8.ToArray())]);
        Assert.Equal([RawBlock([7]).Cid, FooV0.Cid], message.Blocks.Select(block => block.Cid));
    }

    [Fact]
    public void A_block_removes_the_presence_of_its_cid_whichever_comes_first()
    {
        byte[] block = Field(3, [.. Field(1, 1, 0x55, 0x12, 0x20), .. Field(2, "Foo Bar Baz"u8.ToArray())]);
        byte[] have = Field(4, [.. Field(1, Foo.Cid.ToByteArray())]);
        byte[] other = Field(4, [.. Field(1, RawCid(1).ToByteArray()), 0x10, 1]);

        foreach (byte[] bytes in new byte[][] { [.. block, .. have, .. other], [.. other, .. have, .. block] })
        {
            BitswapMessage message = Decode(bytes);
            Assert.Single(message.Blocks);
            Assert.Equal([new BlockPresence(RawCid(1), PresenceType.DontHave)], message.Presences);
        }
    }

    [Fact]
    public void Of_several_presences_for_one_cid_the_last_counts()
    {
        byte[] cid = Field(1, Foo.Cid.ToByteArray());
        BitswapMessage message = Decode([.. Field(4, cid), .. Field(4, [.. cid, 0x10, 1])]);
        Assert.Equal([new BlockPresence(Foo.Cid, PresenceType.DontHave)], message.Presences);
    }

    [Fact]
    public void Repeated_entries_merge_as_boxo_merges_them()
    {
        byte[] cid = Field(1, Foo.Cid.ToByteArray());
        byte[] have = Field(1, [.. cid, 0x10, 5, 0x20, 1]), block = Field(1, [.. cid, 0x10, 9]), wish = Field(1, [.. cid, 0x10, 3, 0x28, 1]);
        byte[] cancel = Field(1, [.. cid, 0x18, 1]), other = Field(1, Field(1, RawCid(1).ToByteArray()));

        WantlistEntry[] Read(params byte[][] entries) => [.. Decode(Field(1, [.. entries.SelectMany(entry => entry)])).Wantlist];

        Assert.Equal([new(Foo.Cid, 5), new(RawCid(1), 0)], Read(have, other, block));
        Assert.Equal([new WantlistEntry(Foo.Cid, 9)], Read(block, have));
        Assert.Equal([new WantlistEntry(Foo.Cid, 3, SendDontHave: true)], Read(block, wish));
        Assert.Equal([new WantlistEntry(Foo.Cid, 9, Cancel: true)], Read(cancel, block));
        Assert.True(Assert.Single(Read(have, cancel)).Cancel);
    }

    [Fact]
    public void Wantlists_that_come_in_pieces_add_up()
    {
        BitswapMessage message = Decode(
            [.. Field(1, [0x10, 1, .. Field(1, Field(1, RawCid(1).ToByteArray()))]), .. Field(1, Field(1, Field(1, RawCid(2).ToByteArray())))]);
        Assert.True(message.Full);
        Assert.Equal([RawCid(1), RawCid(2)], message.Wantlist.Select(entry => entry.Cid));
    }

    [Fact]
    public void An_empty_full_wantlist_is_told_from_an_empty_message()
    {
        Assert.True(DecodeHex("0a02 1001").Full);
        Assert.False(DecodeHex("0a02 1001").IsEmpty);
        Assert.True(DecodeHex("").IsEmpty);
        Assert.True(DecodeHex("0a00").IsEmpty);
        Assert.Equal(0, DecodeHex("").WireSize);
    }

    [Fact]
    public void Unknown_fields_of_every_wire_type_are_skipped_at_every_level()
    {
        // Fields 15 and 16: varint, 8 bytes, bytes, group (with a field and a group inside), 4 bytes.
        byte[] unknown = Convert.FromHexString("78ff01" + "790102030405060708" + "7a02ffff" + "7b" + "0801" + "8301" + "8401" + "7c" + "7d01020304");
        byte[] entry = Field(1, [.. unknown, .. Field(1, Foo.Cid.ToByteArray()), .. unknown]);
        byte[] payload = Field(3, [.. unknown, .. Field(2, 9), .. unknown]);
        byte[] presence = Field(4, [.. unknown, .. Field(1, RawCid(1).ToByteArray()), .. unknown]);
        BitswapMessage message = Decode([.. unknown, .. Field(1, [.. unknown, .. entry]), .. payload, .. presence, .. unknown, 0x28, 5]);

        Assert.Equal(Foo.Cid, Assert.Single(message.Wantlist).Cid);
        Assert.Equal(V0Block([9]).Cid, Assert.Single(message.Blocks).Cid);
        Assert.Equal(new BlockPresence(RawCid(1), PresenceType.Have), Assert.Single(message.Presences));
        Assert.Equal(5, message.PendingBytes);
    }

    [Fact]
    public void A_known_field_under_another_wire_type_is_an_unknown_field()
    {
        // wantlist, blocks, payload and presences as varints; pendingBytes as bytes.
        Assert.True(DecodeHex("0801 1001 1801 2001 2a0101").IsEmpty);
        Assert.Equal(0, DecodeHex("2a0101").PendingBytes);
    }

    [Fact]
    public void Enum_values_of_a_later_version_are_tolerated()
    {
        byte[] cid = Field(1, Foo.Cid.ToByteArray());
        BitswapMessage message = Decode([.. Field(1, Field(1, [.. cid, 0x20, 7])), .. Field(4, [.. cid, 0x10, 2])]);
        Assert.Equal(WantType.Have, Assert.Single(message.Wantlist).Type);
        Assert.Empty(message.Presences);
    }

    [Fact]
    public void Numbers_may_be_written_long_or_negative()
    {
        Assert.Equal(int.MinValue, DecodeHex("28 80808080f8ffffffff01").PendingBytes);
        Assert.Equal(1, DecodeHex("28 818080808000").PendingBytes);
        Assert.Equal(-1, Decode(Field(1, Field(1, [.. Field(1, Foo.Cid.ToByteArray()), 0x10, .. Convert.FromHexString("ffffffffffffffffff01")])))
            .Wantlist[0].Priority);
    }

    [Theory]
    [InlineData("0a", "a length is missing")]
    [InlineData("0a05 0102", "a field is longer than the message")]
    [InlineData("0affffffffffffffffff01", "a length of 2^64 - 1")]
    [InlineData("28ffffffffffffffffff02", "a varint over 64 bits")]
    [InlineData("28ffffffffffffffffffff01", "a varint of eleven bytes")]
    [InlineData("00 00", "field number 0")]
    [InlineData("8080808010 00", "field number 2^29")]
    [InlineData("0c", "a group's end without its start")]
    [InlineData("7b 0801", "a group without its end")]
    [InlineData("7b 8401", "a group's end of another field")]
    [InlineData("7e", "wire type 6")]
    [InlineData("79 01020304050607", "a fixed64 short by one")]
    [InlineData("7d 010203", "a fixed32 short by one")]
    [InlineData("0a02 0a00", "an entry without a CID")]
    [InlineData("0a04 0a02 1801", "a cancel without a CID")]
    [InlineData("0a06 0a04 0a02 0155", "an entry with half a CID")]
    [InlineData("2200", "a presence without a CID")]
    [InlineData("2204 0a02 1220", "a presence with half a CID")]
    [InlineData("1a08 0a03 007012 1201 07", "a prefix cut short")]
    [InlineData("1a09 0a04 02701220 1201 07", "a CID of version 2")]
    [InlineData("1a09 0a04 00701120 1201 07", "a CIDv0 of another hash function")]
    [InlineData("1a09 0a04 0070121f 1201 07", "a CIDv0 with a short digest")]
    [InlineData("1a0a 0a05 8100551220 1201 07", "a prefix with a varint that is not minimal")]
    public void What_is_no_message_is_refused(string hex, string why)
    {
        WireException error = Assert.Throws<WireException>(() => DecodeHex(hex));
        Assert.True(error.ErrorId == WireException.InvalidMessage, why);
    }

    [Fact]
    public void A_cid_with_bytes_after_it_is_refused() =>
        Assert.Equal(
            WireException.InvalidMessage, Refused(Field(1, Field(1, Field(1, [.. Foo.Cid.Bytes, 0])))).ErrorId);

    [Fact]
    public void Groups_nested_too_deep_are_refused_not_followed()
    {
        byte[] deep = [.. Enumerable.Repeat((byte)0x7b, 2_000_000)];
        Assert.Equal(WireException.InvalidMessage, Refused(deep).ErrorId);
    }

    [Fact]
    public void A_message_cut_anywhere_is_refused_or_is_a_message_that_ends_there()
    {
        byte[] whole = Encode(new BitswapMessage
        {
            Full = true,
            Wantlist = [new(RawCid(1), 3), new(RawCid(2), -3, true)],
            Blocks = [Foo, FooV0],
            Presences = [new(RawCid(3), PresenceType.DontHave)],
            PendingBytes = 7,
        });
        for (int length = 0; length < whole.Length; length++)
        {
            try
            {
                Assert.Equal(length, Encode(Decode(whole[..length])).Length);
            }
            catch (WireException error)
            {
                Assert.Equal(WireException.InvalidMessage, error.ErrorId);
            }
        }
    }

    [Theory]
    [InlineData("0155 11 14", "sha1")]
    [InlineData("0155 13 40", "sha2-512")]
    [InlineData("0155 12 14", "sha2-256 cut to 20 bytes")]
    [InlineData("0155 56 20", "dbl-sha2-256")]
    [InlineData("0171 12 20", "dag-cbor")]
    [InlineData("01 a902 12 20", "dag-json")]
    public void A_prefix_of_an_accepted_hash_gives_its_cid(string hex, string what)
    {
        byte[] prefix = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Block block = Assert.Single(Decode(Field(3, [.. Field(1, prefix), .. Field(2, 1, 2, 3)])).Blocks);
        Assert.True(block.Cid.Bytes[..prefix.Length].SequenceEqual(prefix), what);
        Assert.True(block.Cid.Hash.Matches(block.Data.Span), what);
    }

    [Fact]
    public void An_identity_block_carries_its_data_in_its_cid()
    {
        Block block = Assert.Single(Decode(Field(3, [.. Field(1, 1, 0x55, 0, 3), .. Field(2, 1, 2, 3)])).Blocks);
        Assert.Equal("01550003010203", Hex(block.Cid.ToByteArray()));
    }

    [Theory]
    [InlineData("0155 12 13", "a digest of 19 bytes")]
    [InlineData("0155 12 21", "a digest longer than the function's")]
    [InlineData("0155 12 8101", "a digest of 129 bytes")]
    [InlineData("0155 12 ffffffff07", "a digest of 2 GiB")]
    [InlineData("0155 19 ffffffffffffff7f", "a SHAKE digest of exabytes")]
    [InlineData("0155 d501 10", "md5")]
    [InlineData("0155 22 04", "murmur3")]
    [InlineData("0155 ffff7f 20", "an unknown function")]
    public void A_block_under_a_hash_that_is_not_accepted_is_dropped_and_counted(string prefix, string what)
    {
        byte[] bad = Field(3, [.. Field(1, Convert.FromHexString(prefix.Replace(" ", "", StringComparison.Ordinal))), .. Field(2, 1)]);
        BitswapMessage message = Decode([.. bad, .. Field(3, Field(2, 5)), .. bad]);
        Assert.True(message.RejectedBlocks == 2, what);
        Assert.Equal(V0Block([5]).Cid, Assert.Single(message.Blocks).Cid);
    }

    [Fact]
    public void A_long_identity_block_is_dropped_and_counted() =>
        Assert.Equal(1, Decode(Field(3, [.. Field(1, 1, 0x55, 0, 0x81, 1), .. Field(2, new byte[129])])).RejectedBlocks);

    [Fact]
    public void A_message_over_the_size_limit_is_refused()
    {
        WireLimits limits = new() { MaxMessageSize = 2048 };
        Assert.Equal(2046, Decode(Field(2, new byte[2045]), limits).Blocks[0].Data.Length + 1);
        Assert.Equal(WireException.MessageTooLarge, Refused(Field(2, new byte[2046]), limits).ErrorId);
    }

    [Fact]
    public void A_block_over_the_block_limit_is_dropped_and_counted()
    {
        WireLimits limits = new() { MaxBlockSize = 100 };
        BitswapMessage message = Decode([.. Field(2, new byte[101]), .. Field(3, Field(2, new byte[101])), .. Field(2, new byte[100])], limits);
        Assert.Equal((2, 0), (message.OversizedBlocks, message.RejectedBlocks));
        Assert.Equal(100, Assert.Single(message.Blocks).Data.Length);
    }

    [Fact]
    public void The_largest_block_that_is_taken_is_the_largest_that_can_be_sent_on()
    {
        Assert.Single(Decode(Field(2, new byte[BlockRule.MaxBlockSize])).Blocks);
        Assert.Equal(1, Decode(Field(2, new byte[BlockRule.MaxBlockSize + 1])).OversizedBlocks);
    }

    [Fact]
    public void More_elements_than_allowed_are_refused_of_each_kind()
    {
        byte[] cid = Field(1, Foo.Cid.ToByteArray());
        byte[] Wants(int count) => [.. Field(1, Repeat(Field(1, cid), 1)), .. Field(1, Repeat(Field(1, cid), count - 1))];
        byte[] Blocks(int count) => [.. Field(2), .. Repeat(Field(3), count - 1)];
        byte[] Presences(int count) => Repeat(Field(4, cid), count);

        WireLimits limits = new() { MaxEntries = 5, MaxBlocks = 6, MaxPresences = 7 };
        Assert.Single(Decode(Wants(5), limits).Wantlist);
        Assert.Equal(6, Decode(Blocks(6), limits).Blocks.Count);
        Assert.Single(Decode(Presences(7), limits).Presences);
        Assert.Equal(WireException.LimitExceeded, Refused(Wants(6), limits).ErrorId);
        Assert.Equal(WireException.LimitExceeded, Refused(Blocks(7), limits).ErrorId);
        Assert.Equal(WireException.LimitExceeded, Refused(Presences(8), limits).ErrorId);
    }

    [Theory]
    [InlineData("0a00")]
    [InlineData("1200")]
    [InlineData("1a00")]
    [InlineData("2200")]
    public void Four_mebibytes_of_empty_elements_do_not_grow_in_memory(string element)
    {
        byte[] flood = Repeat(Convert.FromHexString(element), WireLimits.LargestMessage / 2);
        byte[] nested = Field(1, flood[..^8]);
        foreach (byte[] frame in new[] { flood, nested })
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Decode(frame);
            }
            catch (WireException)
            {
                // Refused or, as unknown fields, skipped: the point is what it cost.
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        }
    }

    [Fact]
    public void Data_does_not_alias_the_frame_and_fills_its_array()
    {
        byte[] frame = Encode(new BitswapMessage { Blocks = [Foo, FooV0] });
        BitswapMessage message = Decode(frame);
        Array.Clear(frame);
        Assert.All(message.Blocks, block =>
        {
            Assert.Equal("Foo Bar Baz"u8, block.Data.Span);
            Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(block.Data, out ArraySegment<byte> array));
            Assert.Equal(11, array.Array!.Length);
        });
    }

    private static byte[] Repeat(byte[] element, int count)
    {
        byte[] all = new byte[element.Length * count];
        for (int i = 0; i < count; i++)
        {
            element.CopyTo(all, i * element.Length);
        }

        return all;
    }
}

using Bitswap.Multiformats;

namespace Bitswap.Protocol.Wire;

/// <summary>
/// Reads messages in two passes over the frame. The first only counts, and refuses a message with too many elements before anything is
/// allocated; the second makes the lists at their size. Written by hand because generated code makes three objects of two bytes.
/// </summary>
internal static class MessageDecoder
{
    /// <param name="frame">The message.</param>
    /// <param name="kept">The same memory when a block may stay in it; else empty.</param>
    /// <param name="limits">What the message may hold.</param>
    public static BitswapMessage Decode(ReadOnlySpan<byte> frame, ReadOnlyMemory<byte> kept, WireLimits limits)
    {
        if (frame.Length > limits.MaxMessageSize)
        {
            throw new WireException(
                WireException.MessageTooLarge, $"A message of {frame.Length} bytes is over the limit of {limits.MaxMessageSize}.");
        }

        Elements elements = new(Count(frame, limits), kept);
        ProtoReader reader = new(frame);
        while (reader.TryReadTag(out ProtoTag tag))
        {
            switch (tag)
            {
                case (MessageFields.Wantlist, ProtoWireType.Bytes):
                    ReadWantlist(reader.ReadBytes(), ref elements);
                    break;
                case (MessageFields.Blocks, ProtoWireType.Bytes):
                    AddBlock(CidPrefix.V0, reader.ReadBytes(), limits, ref elements);
                    break;
                case (MessageFields.Payload, ProtoWireType.Bytes):
                    ReadPayload(reader.ReadBytes(), limits, ref elements);
                    break;
                case (MessageFields.Presences, ProtoWireType.Bytes):
                    ReadPresence(reader.ReadBytes(), ref elements);
                    break;
                case (MessageFields.PendingBytes, ProtoWireType.Varint):
                    elements.PendingBytes = reader.ReadInt32();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return new BitswapMessage
        {
            Full = elements.Full,
            Wantlist = elements.Wantlist,
            Blocks = elements.Blocks,
            Presences = PresenceFilter.WithoutRepeatsAndBlocks(elements.Presences, elements.Blocks),
            PendingBytes = elements.PendingBytes,
            RejectedBlocks = elements.Rejected,
            OversizedBlocks = elements.Oversized,
            WireSize = frame.Length,
        };
    }

    private static (int Entries, int Blocks, int Presences) Count(ReadOnlySpan<byte> frame, WireLimits limits)
    {
        int entries = 0, blocks = 0, presences = 0;
        ProtoReader reader = new(frame);
        while (reader.TryReadTag(out ProtoTag tag))
        {
            switch (tag)
            {
                case (MessageFields.Wantlist, ProtoWireType.Bytes):
                    ProtoReader wantlist = new(reader.ReadBytes());
                    while (wantlist.TryReadTag(out ProtoTag inner))
                    {
                        entries += inner is (MessageFields.WantlistEntries, ProtoWireType.Bytes) ? 1 : 0;
                        wantlist.Skip(inner);
                    }

                    break;
                case (MessageFields.Blocks or MessageFields.Payload, ProtoWireType.Bytes):
                    blocks++;
                    reader.Skip(tag);
                    break;
                case (MessageFields.Presences, ProtoWireType.Bytes):
                    presences++;
                    reader.Skip(tag);
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        Check(entries, limits.MaxEntries, "wantlist entries");
        Check(blocks, limits.MaxBlocks, "blocks");
        Check(presences, limits.MaxPresences, "presences");
        return (entries, blocks, presences);
    }

    private static void Check(int count, int most, string what)
    {
        if (count > most)
        {
            throw new WireException(WireException.LimitExceeded, $"A message with {count} {what} is over the limit of {most}.");
        }
    }

    private static void ReadWantlist(ReadOnlySpan<byte> source, ref Elements elements)
    {
        ProtoReader reader = new(source);
        while (reader.TryReadTag(out ProtoTag tag))
        {
            switch (tag)
            {
                case (MessageFields.WantlistEntries, ProtoWireType.Bytes):
                    elements.Add(ReadEntry(reader.ReadBytes()));
                    break;
                case (MessageFields.WantlistFull, ProtoWireType.Varint):
                    elements.Full = reader.ReadBool();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }
    }

    private static WantlistEntry ReadEntry(ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> cid = default;
        int priority = 0, wantType = 0;
        bool cancel = false, sendDontHave = false;
        ProtoReader reader = new(source);
        while (reader.TryReadTag(out ProtoTag tag))
        {
            switch (tag)
            {
                case (MessageFields.EntryCid, ProtoWireType.Bytes):
                    cid = reader.ReadBytes();
                    break;
                case (MessageFields.EntryPriority, ProtoWireType.Varint):
                    priority = reader.ReadInt32();
                    break;
                case (MessageFields.EntryCancel, ProtoWireType.Varint):
                    cancel = reader.ReadBool();
                    break;
                case (MessageFields.EntryWantType, ProtoWireType.Varint):
                    wantType = reader.ReadInt32();
                    break;
                case (MessageFields.EntrySendDontHave, ProtoWireType.Varint):
                    sendDontHave = reader.ReadBool();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        // proto3 enums are open. Only 0 asks for data; whatever else a later version may ask is not that, so at most word is given (as
        // boxo).
        WantType type = wantType == (int)WantType.Block ? WantType.Block : WantType.Have;
        return new WantlistEntry(ReadCid(cid, "wantlist entry"), priority, cancel, type, sendDontHave);
    }

    private static void ReadPayload(ReadOnlySpan<byte> source, WireLimits limits, ref Elements elements)
    {
        ReadOnlySpan<byte> prefix = default, data = default;
        ProtoReader reader = new(source);
        while (reader.TryReadTag(out ProtoTag tag))
        {
            switch (tag)
            {
                case (MessageFields.PayloadPrefix, ProtoWireType.Bytes):
                    prefix = reader.ReadBytes();
                    break;
                case (MessageFields.PayloadData, ProtoWireType.Bytes):
                    data = reader.ReadBytes();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        AddBlock(CidPrefix.Read(prefix), data, limits, ref elements);
    }

    private static void AddBlock(CidPrefix prefix, ReadOnlySpan<byte> data, WireLimits limits, ref Elements elements)
    {
        if (data.Length > limits.MaxBlockSize)
        {
            elements.Oversized++;
        }
        else if (prefix.ComputeCid(data) is not { } cid)
        {
            elements.Rejected++;
        }
        else if (data.Length > BlockRule.MaxSize(cid))
        {
            elements.Oversized++;
        }
        else
        {
            elements.Blocks.Add(new Block(cid, elements.Own(data)));
        }
    }

    private static void ReadPresence(ReadOnlySpan<byte> source, ref Elements elements)
    {
        ReadOnlySpan<byte> cid = default;
        int type = 0;
        ProtoReader reader = new(source);
        while (reader.TryReadTag(out ProtoTag tag))
        {
            switch (tag)
            {
                case (MessageFields.PresenceCid, ProtoWireType.Bytes):
                    cid = reader.ReadBytes();
                    break;
                case (MessageFields.PresenceType, ProtoWireType.Varint):
                    type = reader.ReadInt32();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        // A type of a later version says neither HAVE nor DONT_HAVE, so it says nothing here; its CID must be one all the same.
        Cid parsed = ReadCid(cid, "block presence");
        if (type is (int)PresenceType.Have or (int)PresenceType.DontHave)
        {
            elements.Presences.Add(new BlockPresence(parsed, (PresenceType)type));
        }
    }

    /// <summary>A CID that cannot be read makes the whole message invalid, as in boxo: what the peer means is unknown.</summary>
    private static Cid ReadCid(ReadOnlySpan<byte> source, string where) =>
        Cid.TryRead(source, out Cid? cid, out int consumed) && consumed == source.Length
            ? cid
            : throw new WireException(WireException.InvalidMessage, $"A {where} holds no CID in its {source.Length} bytes.");

    /// <summary>What was read so far.</summary>
    private struct Elements((int Entries, int Blocks, int Presences) counts, ReadOnlyMemory<byte> kept)
    {
        private readonly Dictionary<Cid, int>? _places = counts.Entries > 1 ? new(counts.Entries) : null;

        public bool Full;
        public int PendingBytes;
        public int Rejected;
        public int Oversized;

        public List<WantlistEntry> Wantlist { get; } = new(counts.Entries);

        public List<Block> Blocks { get; } = new(counts.Blocks);

        public List<BlockPresence> Presences { get; } = new(counts.Presences);

        /// <summary>The data in memory that is nobody else's: in place where the block is more than half of what keeping it keeps, else a copy.</summary>
        public readonly ReadOnlyMemory<byte> Own(ReadOnlySpan<byte> data)
        {
            if (data.Length > kept.Length / 2 && kept.Span.Overlaps(data, out int offset))
            {
                return kept.Slice(offset, data.Length);
            }

            byte[] own = GC.AllocateUninitializedArray<byte>(data.Length);
            data.CopyTo(own);
            return own;
        }

        /// <summary>
        /// Adds an entry, or merges it into an earlier one of the same CID as boxo does: a cancel, the wish for DONT_HAVE and WANT_BLOCK
        /// prevail in any order; the priority is the later one's, of the same type.
        /// </summary>
        public readonly void Add(WantlistEntry entry)
        {
            if (_places is null || _places.TryAdd(entry.Cid, Wantlist.Count))
            {
                Wantlist.Add(entry);
                return;
            }

            int place = _places[entry.Cid];
            WantlistEntry earlier = Wantlist[place];
            Wantlist[place] = new WantlistEntry(
                entry.Cid,
                earlier.Type == entry.Type ? entry.Priority : earlier.Priority,
                earlier.Cancel || entry.Cancel,
                earlier.Type == WantType.Block ? WantType.Block : entry.Type,
                earlier.SendDontHave || entry.SendDontHave);
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Protocol.Messages;

/// <summary>
/// Reads one message, whole or in parts, in two passes over the frame. The first only counts, and refuses a message with too many elements before anything is
/// allocated; the second makes the lists at their size. Written by hand because generated code makes three objects of two bytes.
/// </summary>
/// <remarks>
/// A message of 65 536 entries takes a fifth of a second to answer and four times its frame to hold. Read in parts, it is neither decoded nor answered faster than the
/// reader of the parts allows. What a message says of one CID twice is merged within a part only, and a fault shows when its part is read.
/// </remarks>
public sealed class MessageDecoder
{
    private readonly ReadOnlyMemory<byte> _frame;
    private readonly WireLimits _limits;
    private readonly bool _keepFrame;
    private Counts _left;
    private bool _full;
    private int _pendingBytes;
    private int _offset;
    private int _wantlistEnd;
    private bool _begun;

    /// <summary>Counts what a frame holds.</summary>
    /// <param name="frame">The message without its length prefix. Empty is the empty message.</param>
    /// <param name="limits">What the message may hold.</param>
    /// <param name="keepFrame">Whether the frame's memory is used for nothing else from now on, see <see cref="FrameReader.IsFrameKept"/>.</param>
    /// <exception cref="WireException">InvalidMessage, MessageTooLarge or LimitExceeded.</exception>
    public MessageDecoder(ReadOnlyMemory<byte> frame, WireLimits limits, bool keepFrame = false)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (frame.Length > limits.MaxMessageSize)
        {
            throw new WireException(
                WireException.MessageTooLarge, $"A message of {frame.Length} bytes is over the limit of {limits.MaxMessageSize}.");
        }

        _frame = frame;
        _limits = limits;
        _keepFrame = keepFrame;
        Count(frame.Span);
    }

    /// <summary>Gets the number of wantlist entries, blocks and presences that are not read yet.</summary>
    public int Left => _left.Total;

    /// <summary>Gets the number of wantlist entries and presences among them.</summary>
    public int EntriesLeft => _left.Entries + _left.Presences;

    /// <summary>Reads the next part and hashes its blocks, on the calling thread; false after the last. A message has one part at least.</summary>
    /// <param name="most">Entries, blocks and presences of the part, together.</param>
    /// <param name="part">The part; the message itself where it holds no more.</param>
    /// <exception cref="WireException">InvalidMessage.</exception>
    public bool TryRead(int most, [NotNullWhen(true)] out BitswapMessage? part)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        part = null;
        if (_begun && _left.Total == 0)
        {
            return false;
        }

        bool continuation = _begun;
        _begun = true;
        int from = _offset;
        Elements elements = new(_left.UpTo(most), _keepFrame ? _frame : default);
        int after = Math.Max(0, _left.Total - most);
        ReadOnlySpan<byte> frame = _frame.Span;
        while (_left.Total > after)
        {
            if (_offset < _wantlistEnd)
            {
                ReadWantlist(frame[_offset.._wantlistEnd], after, ref elements);
            }
            else
            {
                ReadField(frame[_offset..], ref elements);
            }
        }

        bool continued = _left.Total > 0;
        _offset = continued ? _offset : frame.Length;
        part = new BitswapMessage
        {
            Full = _full && !continuation,
            IsContinued = continued,
            IsContinuation = continuation,
            Wantlist = elements.Wantlist,
            Blocks = elements.Blocks,
            Presences = PresenceFilter.WithoutRepeatsAndBlocks(elements.Presences, elements.Blocks),
            PendingBytes = _pendingBytes,
            RejectedBlocks = elements.Rejected,
            OversizedBlocks = elements.Oversized,
            WireSize = _offset - from,
        };
        return true;
    }

    private void Count(ReadOnlySpan<byte> frame)
    {
        ProtobufReader reader = new(frame, WireDialect.Message);
        while (reader.TryReadTag(out ProtobufTag tag))
        {
            switch (tag)
            {
                case (MessageFields.Wantlist, ProtobufWireType.Bytes):
                    CountWantlist(reader.ReadBytes());
                    break;
                case (MessageFields.Blocks or MessageFields.Payload, ProtobufWireType.Bytes):
                    _left.Blocks++;
                    reader.Skip(tag);
                    break;
                case (MessageFields.Presences, ProtobufWireType.Bytes):
                    _left.Presences++;
                    reader.Skip(tag);
                    break;
                case (MessageFields.PendingBytes, ProtobufWireType.Varint):
                    _pendingBytes = reader.ReadInt32();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        Check(_left.Entries, _limits.MaxEntries, "wantlist entries");
        Check(_left.Blocks, _limits.MaxBlocks, "blocks");
        Check(_left.Presences, _limits.MaxPresences, "presences");
    }

    private void CountWantlist(ReadOnlySpan<byte> source)
    {
        ProtobufReader reader = new(source, WireDialect.Message);
        while (reader.TryReadTag(out ProtobufTag tag))
        {
            switch (tag)
            {
                case (MessageFields.WantlistEntries, ProtobufWireType.Bytes):
                    _left.Entries++;
                    reader.Skip(tag);
                    break;
                case (MessageFields.WantlistFull, ProtobufWireType.Varint):
                    _full = reader.ReadBool();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }
    }

    // one field of the message; a wantlist is only entered
    private void ReadField(ReadOnlySpan<byte> source, ref Elements elements)
    {
        ProtobufReader reader = new(source, WireDialect.Message);
        reader.TryReadTag(out ProtobufTag tag);
        switch (tag)
        {
            case (MessageFields.Wantlist, ProtobufWireType.Bytes):
                int length = reader.ReadBytes().Length;
                _wantlistEnd = _frame.Length - reader.Left;
                _offset = _wantlistEnd - length;
                return;
            case (MessageFields.Blocks, ProtobufWireType.Bytes):
                AddBlock(CidPrefix.V0, reader.ReadBytes(), _limits, ref elements);
                _left.Blocks--;
                break;
            case (MessageFields.Payload, ProtobufWireType.Bytes):
                ReadPayload(reader.ReadBytes(), _limits, ref elements);
                _left.Blocks--;
                break;
            case (MessageFields.Presences, ProtobufWireType.Bytes):
                ReadPresence(reader.ReadBytes(), ref elements);
                _left.Presences--;
                break;
            default:
                reader.Skip(tag);
                break;
        }

        _offset = _frame.Length - reader.Left;
    }

    private void ReadWantlist(ReadOnlySpan<byte> source, int after, ref Elements elements)
    {
        ProtobufReader reader = new(source, WireDialect.Message);
        while (_left.Total > after && reader.TryReadTag(out ProtobufTag tag))
        {
            if (tag is (MessageFields.WantlistEntries, ProtobufWireType.Bytes))
            {
                elements.Add(ReadEntry(reader.ReadBytes()));
                _left.Entries--;
            }
            else
            {
                reader.Skip(tag);
            }
        }

        _offset = _wantlistEnd - reader.Left;
    }

    private static void Check(int count, int most, string what)
    {
        if (count > most)
        {
            throw new WireException(WireException.LimitExceeded, $"A message with {count} {what} is over the limit of {most}.");
        }
    }

    private static WantlistEntry ReadEntry(ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> cid = default;
        int priority = 0, wantType = 0;
        bool cancel = false, sendDontHave = false;
        ProtobufReader reader = new(source, WireDialect.Message);
        while (reader.TryReadTag(out ProtobufTag tag))
        {
            switch (tag)
            {
                case (MessageFields.EntryCid, ProtobufWireType.Bytes):
                    cid = reader.ReadBytes();
                    break;
                case (MessageFields.EntryPriority, ProtobufWireType.Varint):
                    priority = reader.ReadInt32();
                    break;
                case (MessageFields.EntryCancel, ProtobufWireType.Varint):
                    cancel = reader.ReadBool();
                    break;
                case (MessageFields.EntryWantType, ProtobufWireType.Varint):
                    wantType = reader.ReadInt32();
                    break;
                case (MessageFields.EntrySendDontHave, ProtobufWireType.Varint):
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
        ProtobufReader reader = new(source, WireDialect.Message);
        while (reader.TryReadTag(out ProtobufTag tag))
        {
            switch (tag)
            {
                case (MessageFields.PayloadPrefix, ProtobufWireType.Bytes):
                    prefix = reader.ReadBytes();
                    break;
                case (MessageFields.PayloadData, ProtobufWireType.Bytes):
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
        ProtobufReader reader = new(source, WireDialect.Message);
        while (reader.TryReadTag(out ProtobufTag tag))
        {
            switch (tag)
            {
                case (MessageFields.PresenceCid, ProtobufWireType.Bytes):
                    cid = reader.ReadBytes();
                    break;
                case (MessageFields.PresenceType, ProtobufWireType.Varint):
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

    /// <summary>Reads a CID. One that cannot be read makes the whole message invalid, as in boxo: what the peer means is unknown.</summary>
    private static Cid ReadCid(ReadOnlySpan<byte> source, string where) =>
        Cid.TryRead(source, out Cid? cid, out int consumed) && consumed == source.Length
            ? cid
            : throw new WireException(WireException.InvalidMessage, $"A {where} holds no CID in its {source.Length} bytes.");

    /// <summary>Represents the elements that are not read yet.</summary>
    private struct Counts
    {
        public int Entries;
        public int Blocks;
        public int Presences;

        public readonly int Total => Entries + Blocks + Presences;

        public readonly Counts UpTo(int most) =>
            new() { Entries = Math.Min(Entries, most), Blocks = Math.Min(Blocks, most), Presences = Math.Min(Presences, most) };
    }

    /// <summary>Represents what was read so far of a part.</summary>
    private struct Elements(Counts counts, ReadOnlyMemory<byte> kept)
    {
        private readonly Dictionary<Cid, int>? _places = counts.Entries > 1 ? new(counts.Entries) : null;

        public int Rejected;
        public int Oversized;

        public List<WantlistEntry> Wantlist { get; } = new(counts.Entries);

        public List<Block> Blocks { get; } = new(counts.Blocks);

        public List<BlockPresence> Presences { get; } = new(counts.Presences);

        /// <summary>The data in memory of its own: in place where the block is more than half of what keeping it keeps, else a copy.</summary>
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

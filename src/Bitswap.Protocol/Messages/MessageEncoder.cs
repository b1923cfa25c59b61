using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Protocol.Messages;

/// <summary>Writes of a message what a version of the protocol can say. Fields at their default are left out, as proto3 has it.</summary>
internal static class MessageEncoder
{
    private const int BoolFieldSize = ProtobufWriter.TagSize + 1;

    /// <summary>Returns the bytes of the message as <see cref="Write"/> writes it.</summary>
    public static long Size(BitswapMessage message, BitswapVersion version)
    {
        long size = HasWantlist(message, version, out long wantlist) ? ProtobufWriter.BytesFieldSize(wantlist) : 0;
        for (int i = 0; i < message.Blocks.Count; i++)
        {
            size += BlockFieldSize(message.Blocks[i], version);
        }

        if (version >= BitswapVersion.V120)
        {
            for (int i = 0; i < message.Presences.Count; i++)
            {
                size += PresenceFieldSize(message.Presences[i]);
            }

            size += Int32FieldSize(message.PendingBytes);
        }

        return size;
    }

    /// <summary>Writes the message into a span of exactly its size.</summary>
    /// <param name="message">What to write.</param>
    /// <param name="version">In whose form.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="apart">Takes the data of large blocks, and where each belongs, in place of the span, which is shorter by so much.</param>
    public static void Write(BitswapMessage message, BitswapVersion version, Span<byte> destination, DetachedBlocks? apart = null)
    {
        ProtobufWriter writer = new(destination);
        if (HasWantlist(message, version, out long wantlist))
        {
            writer.WriteBytesHeader(MessageFields.Wantlist, (int)wantlist);
            for (int i = 0; i < message.Wantlist.Count; i++)
            {
                if (CanSay(message.Wantlist[i], version))
                {
                    WriteEntry(ref writer, message.Wantlist[i], version);
                }
            }

            if (message.Full)
            {
                writer.WriteInt32(MessageFields.WantlistFull, 1);
            }
        }

        for (int i = 0; i < message.Blocks.Count; i++)
        {
            WriteBlock(ref writer, message.Blocks[i], version, apart);
        }

        if (version < BitswapVersion.V120)
        {
            return;
        }

        for (int i = 0; i < message.Presences.Count; i++)
        {
            WritePresence(ref writer, message.Presences[i]);
        }

        if (message.PendingBytes != 0)
        {
            writer.WriteInt32(MessageFields.PendingBytes, message.PendingBytes);
        }
    }

    /// <summary>
    /// Returns whether a version can say an entry. Before 1.2.0 there is no WANT_HAVE, and without its type it would ask for the block; a cancel is
    /// the same for both.
    /// </summary>
    public static bool CanSay(in WantlistEntry entry, BitswapVersion version) =>
        version >= BitswapVersion.V120 || entry.Type == WantType.Block || entry.Cancel;

    public static long EntryFieldSize(in WantlistEntry entry, BitswapVersion version) =>
        ProtobufWriter.BytesFieldSize(EntrySize(entry, version));

    public static long BlockFieldSize(in Block block, BitswapVersion version) =>
        ProtobufWriter.BytesFieldSize(version >= BitswapVersion.V110 ? PayloadSize(block) : block.Data.Length);

    public static long PresenceFieldSize(in BlockPresence presence) => ProtobufWriter.BytesFieldSize(PresenceSize(presence));

    private static bool HasWantlist(BitswapMessage message, BitswapVersion version, out long size)
    {
        size = message.Full ? BoolFieldSize : 0;
        for (int i = 0; i < message.Wantlist.Count; i++)
        {
            if (CanSay(message.Wantlist[i], version))
            {
                size += EntryFieldSize(message.Wantlist[i], version);
            }
        }

        return size > 0;
    }

    private static long EntrySize(in WantlistEntry entry, BitswapVersion version)
    {
        long size = ProtobufWriter.BytesFieldSize(entry.Cid.ByteLength) + Int32FieldSize(entry.Priority) + (entry.Cancel ? BoolFieldSize : 0);
        if (version >= BitswapVersion.V120)
        {
            size += (entry.Type == WantType.Have ? BoolFieldSize : 0) + (entry.SendDontHave ? BoolFieldSize : 0);
        }

        return size;
    }

    private static long PayloadSize(in Block block) =>
        ProtobufWriter.BytesFieldSize(CidPrefix.Of(block.Cid).Length) + DataFieldSize(block);

    /// <summary>Returns the bytes of a data field. Also empty data is left out, as generated code does.</summary>
    private static long DataFieldSize(in Block block) => block.Data.IsEmpty ? 0 : ProtobufWriter.BytesFieldSize(block.Data.Length);

    private static long PresenceSize(in BlockPresence presence) =>
        ProtobufWriter.BytesFieldSize(presence.Cid.ByteLength) + (presence.Type == PresenceType.DontHave ? BoolFieldSize : 0);

    private static int Int32FieldSize(int value) => value == 0 ? 0 : ProtobufWriter.Int32FieldSize(value);

    private static void WriteEntry(ref ProtobufWriter writer, in WantlistEntry entry, BitswapVersion version)
    {
        writer.WriteBytesHeader(MessageFields.WantlistEntries, (int)EntrySize(entry, version));
        writer.WriteBytes(MessageFields.EntryCid, entry.Cid.Bytes);
        if (entry.Priority != 0)
        {
            writer.WriteInt32(MessageFields.EntryPriority, entry.Priority);
        }

        if (entry.Cancel)
        {
            writer.WriteInt32(MessageFields.EntryCancel, 1);
        }

        if (version >= BitswapVersion.V120 && entry.Type == WantType.Have)
        {
            writer.WriteInt32(MessageFields.EntryWantType, (int)WantType.Have);
        }

        if (version >= BitswapVersion.V120 && entry.SendDontHave)
        {
            writer.WriteInt32(MessageFields.EntrySendDontHave, 1);
        }
    }

    private static void WriteBlock(ref ProtobufWriter writer, in Block block, BitswapVersion version, DetachedBlocks? apart)
    {
        if (version < BitswapVersion.V110)
        {
            WriteData(ref writer, MessageFields.Blocks, block.Data, apart);
            return;
        }

        writer.WriteBytesHeader(MessageFields.Payload, (int)PayloadSize(block));
        writer.WriteBytes(MessageFields.PayloadPrefix, CidPrefix.Of(block.Cid));
        if (!block.Data.IsEmpty)
        {
            WriteData(ref writer, MessageFields.PayloadData, block.Data, apart);
        }
    }

    private static void WriteData(ref ProtobufWriter writer, int field, ReadOnlyMemory<byte> data, DetachedBlocks? apart)
    {
        if (apart is not null && DetachedBlocks.Takes(data))
        {
            writer.WriteBytesHeader(field, data.Length);
            apart.Add(writer.Position, data);
        }
        else
        {
            writer.WriteBytes(field, data.Span);
        }
    }

    private static void WritePresence(ref ProtobufWriter writer, in BlockPresence presence)
    {
        writer.WriteBytesHeader(MessageFields.Presences, (int)PresenceSize(presence));
        writer.WriteBytes(MessageFields.PresenceCid, presence.Cid.Bytes);
        if (presence.Type == PresenceType.DontHave)
        {
            writer.WriteInt32(MessageFields.PresenceType, (int)PresenceType.DontHave);
        }
    }
}

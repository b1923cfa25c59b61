using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Protocol.Messages;

/// <summary>
/// Turns Bitswap messages into bytes and back. A version is spoken in its own form: before 1.2.0 there are no presences, no pending bytes, no
/// WANT_HAVE (such an entry is left out, unless it cancels) and no <c>sendDontHave</c>; 1.1.0 and later send blocks in <c>payload</c> with
/// the prefix of their CID, earlier ones in <c>blocks</c> as bare data, which only a SHA-256 CID can be found by. Reading takes
/// any version's form, whatever was negotiated, as boxo does.
/// </summary>
public static class MessageCodec
{
    /// <summary>
    /// Reads a message and hashes its blocks, on the calling thread. Each block has an array of its own, exactly as long as it is, unless
    /// <paramref name="keepFrame"/> lets one that makes up most of the frame stay in it.
    /// </summary>
    /// <param name="frame">The message without its length prefix. Empty is the empty message.</param>
    /// <param name="limits">What the message may hold.</param>
    /// <param name="keepFrame">Whether the frame's memory is used for nothing else from now on, see <see cref="FrameReader.IsFrameKept"/>.</param>
    /// <remarks>
    /// Unknown fields are skipped. An unknown want type is taken as <see cref="WantType.Have"/>, a presence of an unknown type is dropped.
    /// An entry or presence without a valid CID makes the message invalid, as in boxo. A block under a hash that is not accepted, or over
    /// <see cref="WireLimits.MaxBlockSize"/>, is left out and counted in <see cref="BitswapMessage.RejectedBlocks"/> or <see cref="BitswapMessage.OversizedBlocks"/>.
    /// </remarks>
    /// <exception cref="WireException">InvalidMessage, MessageTooLarge or LimitExceeded.</exception>
    public static BitswapMessage Decode(ReadOnlyMemory<byte> frame, WireLimits limits, bool keepFrame = false)
    {
        MessageDecoder decoder = new(frame, limits, keepFrame);
        decoder.TryRead(int.MaxValue, out BitswapMessage? message);
        return message!;
    }

    /// <summary>Returns the bytes of a message in a version's form, without the length prefix.</summary>
    /// <exception cref="WireException">MessageTooLarge: over 2 GiB.</exception>
    public static int GetSize(BitswapMessage message, BitswapVersion version)
    {
        ArgumentNullException.ThrowIfNull(message);
        long size = MessageEncoder.Size(message, version);
        return size <= int.MaxValue - Varint.MaxLength ? (int)size : throw TooLarge(size, int.MaxValue - Varint.MaxLength);
    }

    /// <summary>Returns the bytes of the frame: length prefix and message.</summary>
    /// <exception cref="WireException">MessageTooLarge: over 2 GiB.</exception>
    public static int GetFrameSize(BitswapMessage message, BitswapVersion version)
    {
        int size = GetSize(message, version);
        return Varint.Length((ulong)size) + size;
    }

    /// <summary>
    /// Writes length prefix and message and returns how many bytes that took. It does not look at limits:
    /// <see cref="Split"/> keeps to them.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than <see cref="GetFrameSize"/>.</exception>
    public static int EncodeFrame(BitswapMessage message, BitswapVersion version, Span<byte> destination)
    {
        int size = GetSize(message, version);
        int header = Varint.Length((ulong)size);
        if (destination.Length < header + size)
        {
            throw new ArgumentException(
                $"The frame takes {header + size} bytes and there is room for {destination.Length}.", nameof(destination));
        }

        Varint.Write(destination, (ulong)size);
        MessageEncoder.Write(message, version, destination.Slice(header, size));
        return header + size;
    }

    /// <summary>
    /// Returns length prefix and message in pieces, without a copy of what large blocks hold. It does not look at limits: <see cref="Split"/> keeps
    /// to them.
    /// </summary>
    /// <exception cref="WireException">MessageTooLarge: over 2 GiB.</exception>
    public static EncodedFrame EncodeFrame(BitswapMessage message, BitswapVersion version) => new(message, version);

    /// <summary>
    /// Returns a message as it can be sent: the message itself when it keeps to the limits, else parts that do, in order, of which only the first
    /// is full and each tells as pending what later ones carry. Presences that a block of the message makes idle are left out. Empty when
    /// the version has no words for anything in the message.
    /// </summary>
    /// <exception cref="WireException">MessageTooLarge: one block alone is over <see cref="WireLimits.MaxMessageSize"/>.</exception>
    public static IReadOnlyList<BitswapMessage> Split(BitswapMessage message, BitswapVersion version, WireLimits limits)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(limits);
        return MessageSplitter.Split(message, version, limits);
    }

    internal static WireException TooLarge(long size, int most) =>
        new(WireException.MessageTooLarge, $"A message of {size} bytes is over the limit of {most}.");
}

/// <summary>Keeps a message's presences from contradicting it.</summary>
internal static class PresenceFilter
{
    /// <summary>
    /// Returns the presences without those whose CID's block is in the message, which says more, and of several for one CID only the last one's
    /// word. The list itself when nothing is to be left out.
    /// </summary>
    public static IReadOnlyList<BlockPresence> WithoutRepeatsAndBlocks(IReadOnlyList<BlockPresence> presences, IReadOnlyList<Block> blocks)
    {
        if (presences.Count == 0 || (presences.Count == 1 && blocks.Count == 0))
        {
            return presences;
        }

        HashSet<Cid> sent = new(blocks.Count);
        foreach (Block block in blocks)
        {
            sent.Add(block.Cid);
        }

        Dictionary<Cid, PresenceType> kept = new(presences.Count);
        foreach (BlockPresence presence in presences)
        {
            if (!sent.Contains(presence.Cid))
            {
                kept[presence.Cid] = presence.Type;
            }
        }

        return kept.Count == presences.Count ? presences : [.. kept.Select(pair => new BlockPresence(pair.Key, pair.Value))];
    }
}

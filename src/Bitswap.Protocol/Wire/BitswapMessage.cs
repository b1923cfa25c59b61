namespace Bitswap.Protocol.Wire;

/// <summary>
/// One Bitswap message, free of any version's form: <see cref="MessageCodec"/> writes of it what a version can say.
/// Its lists must not change after it was handed to anybody.
/// </summary>
public sealed class BitswapMessage
{
    /// <summary>True when <see cref="Wantlist"/> replaces everything the sender wanted before; false when it adds to it.</summary>
    public bool Full { get; init; }

    /// <summary>
    /// True when this is a part of a decoded message and more of it follows, see <see cref="MessageDecoder"/>. Of a full wantlist in parts the first part alone is
    /// <see cref="Full"/>, and what no part repeats is wanted no more once the last has come. Not part of the wire form.
    /// </summary>
    public bool IsContinued { get; init; }

    /// <summary>True when this is a part of a decoded message and not the first. Not part of the wire form.</summary>
    public bool IsContinuation { get; init; }

    /// <summary>Wants and cancels. A decoded message has at most one entry a CID.</summary>
    public IReadOnlyList<WantlistEntry> Wantlist { get; init; } = [];

    /// <summary>Blocks. Of a decoded message each carries the CID that its data hashes to; one may come twice.</summary>
    public IReadOnlyList<Block> Blocks { get; init; } = [];

    /// <summary>HAVE and DONT_HAVE. A decoded message has at most one a CID, and none for a CID whose block it carries.</summary>
    public IReadOnlyList<BlockPresence> Presences { get; init; } = [];

    /// <summary>Bytes of blocks that the sender still holds ready for the receiver (field 5, since 1.2.0).</summary>
    public int PendingBytes { get; init; }

    /// <summary>Blocks of a decoded message that were left out: hashed by a function or to a length that is not accepted. Not part of the wire form.</summary>
    public int RejectedBlocks { get; init; }

    /// <summary>Blocks of a decoded message that were left out: larger than <see cref="WireLimits.MaxBlockSize"/> or than fits into a message. Not part of the wire form.</summary>
    public int OversizedBlocks { get; init; }

    /// <summary>
    /// The length in bytes of the frame that the message was decoded from, without its length prefix, or of the part of it that this is; null for one
    /// that was not decoded.
    /// </summary>
    public int? WireSize { get; init; }

    /// <summary>
    /// True when the message says nothing: no entry, no block, no presence, and not a full wantlist, which even empty clears one.
    /// </summary>
    public bool IsEmpty => !Full && Wantlist.Count == 0 && Blocks.Count == 0 && Presences.Count == 0;
}

using Bitswap.Protocol.Client;

namespace Bitswap.Protocol.Messages;

/// <summary>
/// Represents one Bitswap message, free of any version's form: <see cref="MessageCodec"/> writes of it what a version can say.
/// Its lists must not change after it was handed to anybody.
/// </summary>
public sealed class BitswapMessage
{
    /// <summary>Gets whether <see cref="Wantlist"/> replaces everything the sender wanted before, or adds to it.</summary>
    public bool Full { get; init; }

    /// <summary>
    /// Gets whether this is a part of a decoded message and more of it follows, see <see cref="MessageDecoder"/>. Of a full wantlist in parts the first part alone is
    /// <see cref="Full"/>, and what no part repeats is wanted no more once the last has come. Not part of the wire form.
    /// </summary>
    public bool IsContinued { get; init; }

    /// <summary>Gets whether this is a part of a decoded message and not the first. Not part of the wire form.</summary>
    public bool IsContinuation { get; init; }

    /// <summary>Gets wants and cancels. A decoded message has at most one entry a CID.</summary>
    public IReadOnlyList<WantlistEntry> Wantlist { get; init; } = [];

    /// <summary>Gets blocks. Of a decoded message each carries the CID that its data hashes to; one may come twice.</summary>
    public IReadOnlyList<Block> Blocks { get; init; } = [];

    /// <summary>Gets HAVE and DONT_HAVE. A decoded message has at most one a CID, and none for a CID whose block it carries.</summary>
    public IReadOnlyList<BlockPresence> Presences { get; init; } = [];

    /// <summary>Gets the bytes of blocks that the sender still holds ready for the receiver (field 5, since 1.2.0).</summary>
    public int PendingBytes { get; init; }

    /// <summary>Gets how many blocks of a decoded message were left out: hashed by a function or to a length that is not accepted. Not part of the wire form.</summary>
    public int RejectedBlocks { get; init; }

    /// <summary>Blocks of a decoded message that were left out: larger than <see cref="WireLimits.MaxBlockSize"/> or than fits into a message. Not part of the wire form.</summary>
    public int OversizedBlocks { get; init; }

    /// <summary>
    /// Gets the length in bytes of the frame that the message was decoded from, without its length prefix, or of the part of it that this is; null for one
    /// that was not decoded.
    /// </summary>
    public int? WireSize { get; init; }

    /// <summary>
    /// Gets whether the message says nothing: no entry, no block, no presence, and not a full wantlist, which even empty clears one.
    /// </summary>
    public bool IsEmpty => !Full && Wantlist.Count == 0 && Blocks.Count == 0 && Presences.Count == 0;
}

/// <summary>One line of a wantlist.</summary>
/// <param name="Cid">What is wanted, or wanted no more.</param>
/// <param name="Priority">Higher first; any int32, 1 by default (Bitswap specification).</param>
/// <param name="Cancel">True: the want is withdrawn and the other members say nothing.</param>
/// <param name="Type">Whether the block or only word of it is wanted. Peers before 1.2.0 know only blocks.</param>
/// <param name="SendDontHave">Whether a peer without the block is asked to say so. Peers before 1.2.0 cannot.</param>
public readonly record struct WantlistEntry(
    Cid Cid, int Priority = 1, bool Cancel = false, WantType Type = WantType.Block, bool SendDontHave = false);

/// <summary>What a wantlist entry asks for. The values are those of the wire.</summary>
public enum WantType
{
    /// <summary>WANT_BLOCK: send the block.</summary>
    Block = 0,

    /// <summary>WANT_HAVE: say whether you have it.</summary>
    Have = 1,
}

/// <summary>HAVE or DONT_HAVE for one CID.</summary>
/// <param name="Cid">The CID that the peer had asked for.</param>
/// <param name="Type">What is said of it.</param>
/// <param name="Refusal">
/// Of a DONT_HAVE that a network made of another answer, what the peer answered, for a report: it did not say that it has none. Not part of the wire form.
/// </param>
public readonly record struct BlockPresence(Cid Cid, PresenceType Type, string? Refusal = null);

/// <summary>What a peer says of a block without sending it. The values are those of the wire.</summary>
public enum PresenceType
{
    /// <summary>HAVE.</summary>
    Have = 0,

    /// <summary>DONT_HAVE.</summary>
    DontHave = 1,
}

/// <summary>Represents a block: a content identifier and the bytes that hash to it.</summary>
/// <param name="Cid">The identifier. Of a block out of a decoded message it was computed from <paramref name="Data"/>.</param>
/// <param name="Data">The bytes. They must not change once the block was handed to anybody.</param>
public readonly record struct Block(Cid Cid, ReadOnlyMemory<byte> Data);

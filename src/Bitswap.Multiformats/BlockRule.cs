using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Multiformats;

/// <summary>
/// Checks what may be a block, wherever one is made, taken or asked for: the hash is one that peers accept, and the data fits into a message.
/// </summary>
public static class BlockRule
{
    /// <summary>4 MiB: the most bytes of a message (Bitswap specification, "Wire Format").</summary>
    public const int MessageSize = 4 * 1024 * 1024;

    /// <summary>The most bytes of a block under the CIDs with the shortest prefix, such as one of raw data and sha2-256 (kubo <c>test/cli/block_size_test.go</c>).</summary>
    public const int MaxBlockSize = MessageSize - Framing - ShortestPrefix;

    // the tags and lengths around one block, and the empty wantlist that boxo writes into each message
    private const int Framing = 14;
    private const int ShortestPrefix = 4;

    /// <summary>Returns the most bytes that the block of a CID may have.</summary>
    /// <param name="cid">The CID.</param>
    /// <param name="messageSize">The most bytes of a message that carries it.</param>
    public static int MaxSize(Cid cid, int messageSize = MessageSize)
    {
        ArgumentNullException.ThrowIfNull(cid);
        int prefix = cid.Version == 0 ? ShortestPrefix : cid.ByteLength - cid.Hash.Digest.Length;
        return messageSize - Framing - prefix;
    }

    /// <summary>Says why no block may have a CID, or null when one may.</summary>
    public static BlockRefusal? Check(Cid cid)
    {
        ArgumentNullException.ThrowIfNull(cid);
        return Multihash.IsAcceptable(cid.Hash, out string? reason)
            ? null
            : new BlockRefusal(MultiformatException.InvalidMultihash, $"{Excerpt.Of(cid.ToString())} names no block: {reason}.");
    }

    /// <summary>Says why data may not be the block of a CID, or null when it may. Whether it hashes to the CID is not looked at.</summary>
    public static BlockRefusal? Check(Cid cid, long size) =>
        Check(cid) is { } refusal ? refusal
        : size <= MaxSize(cid) ? null
        : new BlockRefusal(BlockRefusal.BlockTooLarge, $"The block {cid} has {size} bytes, over the limit of {MaxSize(cid)} that fits into a message.");
}

/// <summary>Represents the reason why something may not be a block.</summary>
/// <param name="ErrorId"><see cref="MultiformatException.InvalidMultihash"/> or <see cref="BlockTooLarge"/>.</param>
/// <param name="Message">What is wrong, as a sentence.</param>
public sealed record BlockRefusal(string ErrorId, string Message)
{
    /// <summary>Error id: the data of a block is larger than a message holds.</summary>
    public const string BlockTooLarge = nameof(BlockTooLarge);
}

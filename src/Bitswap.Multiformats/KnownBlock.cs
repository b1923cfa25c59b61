using System.Collections.Concurrent;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Multiformats.Hashing;

namespace Bitswap.Multiformats;

/// <summary>
/// Knows the blocks that follow from their hash alone, which no peer needs to be asked for: the data that an identity hash holds, and the block of
/// zero bytes under every hash function.
/// </summary>
public static class KnownBlock
{
    // one entry for each hash function that is asked about; those that may name blocks are fewer than a hundred
    private static readonly ConcurrentDictionary<ulong, byte[]> _digestsOfNothing = new();

    private static ReadOnlySpan<byte> Sha256OfNothing =>
    [
        0xE3, 0xB0, 0xC4, 0x42, 0x98, 0xFC, 0x1C, 0x14, 0x9A, 0xFB, 0xF4, 0xC8, 0x99, 0x6F, 0xB9, 0x24,
        0x27, 0xAE, 0x41, 0xE4, 0x64, 0x9B, 0x93, 0x4C, 0xA4, 0x95, 0x99, 0x1B, 0x78, 0x52, 0xB8, 0x55,
    ];

    /// <summary>Gets the block of a hash where it follows from the hash.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="data">The block, in memory of the caller's own.</param>
    /// <returns>False for every other hash, and for one that may not name a block (<see cref="Multihash.IsAcceptable"/>).</returns>
    public static bool TryGet(in Multihash hash, out ReadOnlyMemory<byte> data)
    {
        data = default;
        ulong code = hash.Code;
        ReadOnlySpan<byte> digest = hash.Digest;
        if (code == MultihashCode.Sha256 && digest.Length == Sha256OfNothing.Length)
        {
            return digest.SequenceEqual(Sha256OfNothing);
        }

        if (!Multihash.IsAcceptable(hash, out _))
        {
            return false;
        }

        if (code == MultihashCode.Identity)
        {
            data = digest.ToArray();
            return true;
        }

        // a shorter digest is the start of a longer one, also where the function makes digests of any length
        return DigestOfNothing(code).AsSpan().StartsWith(digest);
    }

    /// <summary>Gets whether the block of a hash follows from the hash.</summary>
    public static bool Is(in Multihash hash) => TryGet(hash, out _);

    private static byte[] DigestOfNothing(ulong code) => _digestsOfNothing.GetOrAdd(
        code,
        static code => HashFunctions.TryGetLength(code, out int length, out bool extendable)
            ? Multihash.Compute(code, [], extendable ? Multihash.MaxDigestLength : length).Digest.ToArray()
            : []);
}

using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Node.Core;

/// <summary>The first bits of multihashes: whatever a person has typed of a CID says that much of its hash. The default value is that of all.</summary>
internal readonly struct HashPrefix
{
    private const int BitsPerLetter = 5;

    private readonly byte[]? _bytes;
    private readonly int _bits;

    /// <summary>Makes a prefix.</summary>
    /// <param name="bytes">Where the bits are, the first one highest in the first byte; kept, not copied.</param>
    /// <param name="bits">How many of them count, no more than there are.</param>
    public HashPrefix(byte[] bytes, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, bytes.Length * 8);
        _bytes = bytes;
        _bits = bits;
    }

    /// <summary>Gets the beginning of the base32 of such multihashes, in upper case; it may leave up to 4 bits unsaid.</summary>
    public string Base32Upper => Multibase.EncodeRaw(MultibaseEncoding.Base32Upper, _bytes)[..(_bits / BitsPerLetter)];

    /// <summary>Returns whether a multihash begins so. The last letter of a base32 may say up to 4 bits more than it has, which fill it up.</summary>
    public bool Matches(in Multihash hash)
    {
        ReadOnlySpan<byte> bytes = hash.Bytes;
        int bits = Math.Min(_bits, bytes.Length * 8);
        int whole = bits / 8;
        int rest = bits % 8;
        return _bits - bits < BitsPerLetter
            && bytes[..whole].SequenceEqual(_bytes.AsSpan(0, whole))
            && (rest == 0 || (bytes[whole] ^ _bytes![whole]) >> (8 - rest) == 0);
    }
}

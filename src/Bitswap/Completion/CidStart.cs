using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Core;

namespace Bitswap.Completion;

/// <summary>
/// What the beginning of a CID says, as someone types it: which codec, and the first bits of the hash. Stores know hashes alone, and by this the
/// CIDs of any codec can be looked up in them.
/// </summary>
/// <param name="Codec">The codec; raw as long as that is possible.</param>
/// <param name="Hash">How the multihash begins.</param>
internal readonly record struct CidStart(ulong Codec, HashPrefix Hash)
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz234567";
    private const int BitsPerLetter = 5;

    // longer than any CID that a block can have
    private const int MaxLength = 256;

    private static readonly (ulong Codec, byte[] Header)[] _headers =
        [.. Multicodec.CodecNames.Prepend("raw").Select(name => Multicodec.TryGetCode(name, out ulong code) ? (code, HeaderOf(code)) : default)];

    /// <summary>Whether a CID of the codec over this hash begins so.</summary>
    public bool Fits(in Multihash hash) => Hash.Matches(hash);

    /// <summary>Reads the beginning of a version 1 in base32; false for a text that is none.</summary>
    public static bool TryParse(string typed, out CidStart start)
    {
        start = new CidStart(Multicodec.Raw, default);
        if (typed.Length == 0)
        {
            return true;
        }

        if (typed[0] is not ('b' or 'B') || typed.Length > MaxLength || !TryPack(typed.AsSpan(1), out byte[] packed))
        {
            return false;
        }

        int bits = (typed.Length - 1) * BitsPerLetter;
        foreach ((ulong codec, byte[] header) in _headers)
        {
            int common = Math.Min(bits, header.Length * 8);
            if (BeginsAlike(packed, header, common))
            {
                start = new CidStart(codec, bits == common ? default : new HashPrefix(packed[header.Length..], bits - common));
                return true;
            }
        }

        return false;
    }

    // version and codec, as a CID has them before its hash
    private static byte[] HeaderOf(ulong codec)
    {
        byte[] header = new byte[1 + Varint.Length(codec)];
        header[0] = 1;
        Varint.Write(header.AsSpan(1), codec);
        return header;
    }

    private static bool TryPack(ReadOnlySpan<char> letters, out byte[] packed)
    {
        packed = new byte[((letters.Length * BitsPerLetter) + 7) / 8];
        for (int i = 0; i < letters.Length; i++)
        {
            int value = Letters.IndexOf(char.ToLowerInvariant(letters[i]), StringComparison.Ordinal);
            if (value < 0)
            {
                return false;
            }

            // at the top of 16 bits, moved to where it lies in two bytes
            int first = i * BitsPerLetter / 8;
            int shifted = value << (16 - BitsPerLetter - (i * BitsPerLetter % 8));
            packed[first] |= (byte)(shifted >> 8);
            if ((shifted & 0xff) != 0)
            {
                packed[first + 1] |= (byte)shifted;
            }
        }

        return true;
    }

    private static bool BeginsAlike(byte[] one, byte[] other, int bits)
    {
        int whole = bits / 8;
        return one.AsSpan(0, whole).SequenceEqual(other.AsSpan(0, whole))
            && (bits % 8 == 0 || (one[whole] ^ other[whole]) >> (8 - (bits % 8)) == 0);
    }
}

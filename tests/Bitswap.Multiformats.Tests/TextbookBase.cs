using System.Numerics;
using System.Text;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Multiformats.Tests;

/// <summary>Encodes as the definitions of the bases say it, digit by digit, to hold the quick encoders against.</summary>
internal static class TextbookBase
{
    private const string Base32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const string Base32HexAlphabet = "0123456789abcdefghijklmnopqrstuv";
    private const string Base36Alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
    private const string Base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const string Base64UrlAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    /// <summary>Of each base its prefix, its alphabet, the characters that padding fills up to (0 for none), and whether its letters have one case.</summary>
    private static readonly Dictionary<MultibaseEncoding, (char Prefix, string Alphabet, int PadTo, bool HasOneCase)> _bases = new()
    {
        [MultibaseEncoding.Base2] = ('0', "01", 0, false),
        [MultibaseEncoding.Base8] = ('7', "01234567", 0, false),
        [MultibaseEncoding.Base10] = ('9', "0123456789", 0, false),
        [MultibaseEncoding.Base16] = ('f', "0123456789abcdef", 0, true),
        [MultibaseEncoding.Base16Upper] = ('F', "0123456789ABCDEF", 0, true),
        [MultibaseEncoding.Base32] = ('b', Base32Alphabet, 0, true),
        [MultibaseEncoding.Base32Upper] = ('B', Base32Alphabet.ToUpperInvariant(), 0, true),
        [MultibaseEncoding.Base32Pad] = ('c', Base32Alphabet, 8, true),
        [MultibaseEncoding.Base32PadUpper] = ('C', Base32Alphabet.ToUpperInvariant(), 8, true),
        [MultibaseEncoding.Base32Hex] = ('v', Base32HexAlphabet, 0, true),
        [MultibaseEncoding.Base32HexUpper] = ('V', Base32HexAlphabet.ToUpperInvariant(), 0, true),
        [MultibaseEncoding.Base32HexPad] = ('t', Base32HexAlphabet, 8, true),
        [MultibaseEncoding.Base32HexPadUpper] = ('T', Base32HexAlphabet.ToUpperInvariant(), 8, true),
        [MultibaseEncoding.Base32Z] = ('h', "ybndrfg8ejkmcpqxot1uwisza345h769", 0, false),
        [MultibaseEncoding.Base36] = ('k', Base36Alphabet, 0, true),
        [MultibaseEncoding.Base36Upper] = ('K', Base36Alphabet.ToUpperInvariant(), 0, true),
        [MultibaseEncoding.Base58Btc] = ('z', "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", 0, false),
        [MultibaseEncoding.Base58Flickr] = ('Z', "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ", 0, false),
        [MultibaseEncoding.Base64] = ('m', Base64Alphabet, 0, false),
        [MultibaseEncoding.Base64Pad] = ('M', Base64Alphabet, 4, false),
        [MultibaseEncoding.Base64Url] = ('u', Base64UrlAlphabet, 0, false),
        [MultibaseEncoding.Base64UrlPad] = ('U', Base64UrlAlphabet, 4, false),
    };

    public static TheoryData<MultibaseEncoding> Encodings => [.. _bases.Keys];

    public static TheoryData<MultibaseEncoding> CaseInsensitive => [.. _bases.Where(entry => entry.Value.HasOneCase).Select(entry => entry.Key)];

    public static string Encode(MultibaseEncoding encoding, byte[] data)
    {
        (char prefix, string alphabet, int padTo, _) = _bases[encoding];
        string digits = BitOperations.IsPow2(alphabet.Length) ? Bits(alphabet, data) : Number(alphabet, data);
        return prefix + (padTo == 0 ? digits : digits.PadRight((digits.Length + padTo - 1) / padTo * padTo, '='));
    }

    /// <summary>RFC 4648: the bits of all bytes, cut in groups, the last one filled up with zeros.</summary>
    private static string Bits(string alphabet, byte[] data)
    {
        int group = BitOperations.Log2((uint)alphabet.Length);
        string bits = string.Concat(data.Select(value => value.ToString("b8", null)));
        return string.Concat(bits.Chunk(group).Select(chunk => alphabet[Convert.ToInt32(new string(chunk).PadRight(group, '0'), 2)]));
    }

    /// <summary>The bytes as one number, and the first character once for each zero byte in front.</summary>
    private static string Number(string alphabet, byte[] data)
    {
        var digits = new StringBuilder();
        for (var number = new BigInteger(data, isUnsigned: true, isBigEndian: true); !number.IsZero; number /= alphabet.Length)
        {
            digits.Insert(0, alphabet[(int)(number % alphabet.Length)]);
        }

        return new string(alphabet[0], data.TakeWhile(value => value == 0).Count()) + digits;
    }
}

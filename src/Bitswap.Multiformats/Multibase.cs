using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Multiformats.Bases;

namespace Bitswap.Multiformats;

/// <summary>
/// Bytes as text in the bases of the multibase table, behind the prefix that names the base. Decoding takes only what encoding
/// gives, but for letters, which base16, base32 and base36 read in either case.
/// </summary>
public static class Multibase
{
    /// <summary>
    /// The most characters, without prefix, of a text in base10, base36 or base58, each leading zero counted, since the work
    /// to convert these grows with the square of the length: 8192.
    /// </summary>
    public const int MaxRadixLength = RadixBase.MaxLength;

    private const string Lower32 = "abcdefghijklmnopqrstuvwxyz234567";
    private const string Upper32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string LowerHex32 = "0123456789abcdefghijklmnopqrstuv";
    private const string UpperHex32 = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    private const string Standard64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const string Url64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    // In the order of MultibaseEncoding.
    private static readonly TextBase[] _bases =
    [
        new IdentityBase(),
        new BitBase("0", "base2", "01", anyCase: false),
        new BitBase("7", "base8", "01234567", anyCase: false),
        new RadixBase("9", "base10", "0123456789", anyCase: false),
        new BitBase("f", "base16", "0123456789abcdef", anyCase: true),
        new BitBase("F", "base16upper", "0123456789ABCDEF", anyCase: true),
        new BitBase("b", "base32", Lower32, anyCase: true),
        new BitBase("B", "base32upper", Upper32, anyCase: true),
        new BitBase("c", "base32pad", Lower32, anyCase: true, padGroup: 8),
        new BitBase("C", "base32padupper", Upper32, anyCase: true, padGroup: 8),
        new BitBase("v", "base32hex", LowerHex32, anyCase: true),
        new BitBase("V", "base32hexupper", UpperHex32, anyCase: true),
        new BitBase("t", "base32hexpad", LowerHex32, anyCase: true, padGroup: 8),
        new BitBase("T", "base32hexpadupper", UpperHex32, anyCase: true, padGroup: 8),
        new BitBase("h", "base32z", "ybndrfg8ejkmcpqxot1uwisza345h769", anyCase: false),
        new RadixBase("k", "base36", "0123456789abcdefghijklmnopqrstuvwxyz", anyCase: true),
        new RadixBase("K", "base36upper", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", anyCase: true),
        new RadixBase("z", "base58btc", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", anyCase: false),
        new RadixBase("Z", "base58flickr", "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ", anyCase: false),
        new BitBase("m", "base64", Standard64, anyCase: false),
        new BitBase("M", "base64pad", Standard64, anyCase: false, padGroup: 4),
        new BitBase("u", "base64url", Url64, anyCase: false),
        new BitBase("U", "base64urlpad", Url64, anyCase: false, padGroup: 4),
        new EmojiBase(),
    ];

    private static readonly byte[] _asciiPrefixes = BuildPrefixes();

    /// <summary>Returns the name of a base in the multibase table, such as <c>base32</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a member of <see cref="MultibaseEncoding"/>.</exception>
    public static string Name(MultibaseEncoding encoding) => Base(encoding).Name;

    /// <summary>Finds a base by its name in the multibase table, such as <c>base32</c>, in any case.</summary>
    public static bool TryGetEncoding([NotNullWhen(true)] string? name, out MultibaseEncoding encoding)
    {
        int index = Array.FindIndex(_bases, b => b.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        encoding = (MultibaseEncoding)Math.Max(index, 0);
        return index >= 0;
    }

    /// <summary>Encodes behind the base's prefix.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a member of <see cref="MultibaseEncoding"/>.</exception>
    /// <exception cref="MultiformatException"><c>InvalidMultibase</c>: over <see cref="MaxRadixLength"/>.</exception>
    public static string Encode(MultibaseEncoding encoding, ReadOnlySpan<byte> data)
    {
        TextBase textBase = Base(encoding);
        return textBase.Encode(data, textBase.Prefix);
    }

    /// <summary>Encodes without a prefix.</summary>
    /// <inheritdoc cref="Encode"/>
    public static string EncodeRaw(MultibaseEncoding encoding, ReadOnlySpan<byte> data) => Base(encoding).Encode(data, string.Empty);

    /// <summary>Decodes a text with a prefix.</summary>
    /// <exception cref="MultiformatException"><c>InvalidMultibase</c>: the message says what is wrong and at which position.</exception>
    public static byte[] Decode(ReadOnlySpan<char> text, out MultibaseEncoding encoding)
    {
        string? error = DecodeCore(text, out byte[]? data, out encoding);
        return error is null ? data! : throw Invalid(error);
    }

    /// <summary>Decodes a text with a prefix; false where <see cref="Decode"/> would throw.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? data, out MultibaseEncoding encoding) =>
        DecodeCore(text, out data, out encoding) is null;

    /// <summary>Decodes a text without a prefix.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a member of <see cref="MultibaseEncoding"/>.</exception>
    /// <exception cref="MultiformatException"><c>InvalidMultibase</c>: the message says what is wrong and at which position.</exception>
    public static byte[] DecodeRaw(MultibaseEncoding encoding, ReadOnlySpan<char> text)
    {
        string? error = DecodeCore(Base(encoding), text, 0, out byte[]? data);
        return error is null ? data! : throw Invalid(error);
    }

    /// <summary>Decodes a text without a prefix; false where <see cref="DecodeRaw"/> would throw.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a member of <see cref="MultibaseEncoding"/>.</exception>
    public static bool TryDecodeRaw(MultibaseEncoding encoding, ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? data) =>
        DecodeCore(Base(encoding), text, 0, out data) is null;

    internal static TextBase Base(MultibaseEncoding encoding) =>
        (uint)encoding < (uint)_bases.Length
            ? _bases[(int)encoding]
            : throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "Not a known multibase encoding.");

    /// <summary>Finds the base that a text's prefix names.</summary>
    internal static string? FindBase(ReadOnlySpan<char> text, out TextBase? textBase, out MultibaseEncoding encoding)
    {
        encoding = default;
        textBase = null;
        if (text.IsEmpty)
        {
            return "the text is empty, so no prefix names its base";
        }

        byte index = text[0] < _asciiPrefixes.Length ? _asciiPrefixes[text[0]]
            : text.StartsWith(_bases[^1].Prefix, StringComparison.Ordinal) ? (byte)MultibaseEncoding.Base256Emoji
            : AlphabetTable.None;
        if (index != AlphabetTable.None)
        {
            encoding = (MultibaseEncoding)index;
            textBase = _bases[index];
            return null;
        }

        return $"{TextBase.Describe(text[0])} is no known multibase prefix";
    }

    private static byte[] BuildPrefixes()
    {
        var prefixes = new byte[128];
        prefixes.AsSpan().Fill(AlphabetTable.None);
        for (int i = 0; i < _bases.Length; i++)
        {
            if (_bases[i].Prefix is [< (char)128 and var prefix])
            {
                prefixes[prefix] = (byte)i;
            }
        }

        return prefixes;
    }

    private static string? DecodeCore(ReadOnlySpan<char> text, out byte[]? data, out MultibaseEncoding encoding)
    {
        data = null;
        return FindBase(text, out TextBase? textBase, out encoding)
            ?? DecodeCore(textBase!, text[textBase!.Prefix.Length..], textBase.Prefix.Length, out data);
    }

    private static string? DecodeCore(TextBase textBase, ReadOnlySpan<char> text, int origin, out byte[]? data)
    {
        data = null;
        int longest = textBase.MaxDecodedLength(text.Length);
        byte[]? rented = longest > 256 ? ArrayPool<byte>.Shared.Rent(longest) : null;
        Span<byte> buffer = rented ?? stackalloc byte[256];
        string? error = textBase.Decode(text, origin, buffer, out int written);
        if (error is null)
        {
            data = buffer[..written].ToArray();
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return error;
    }

    private static MultiformatException Invalid(string error) =>
        new(MultiformatException.InvalidMultibase, $"Not a multibase text: {error}.");
}

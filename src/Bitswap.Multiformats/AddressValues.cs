using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Multiformats;

/// <summary>Converts the values of multiaddr protocols from text to bytes and back. Each method returns what is wrong, or null.</summary>
internal static class AddressValues
{
    private const int MaxNameLength = 255;

    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly SearchValues<char> _ip6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    public static string? ParsePort(ReadOnlySpan<char> text, out byte[] value)
    {
        value = new byte[2];
        if (text.IsEmpty || text.ContainsAnyExceptInRange('0', '9') || (text.Length > 1 && text[0] == '0')
            || !ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return "is no port from 0 to 65535";
        }

        BinaryPrimitives.WriteUInt16BigEndian(value, port);
        return null;
    }

    public static string? FormatPort(ReadOnlySpan<byte> value, out string text)
    {
        text = BinaryPrimitives.ReadUInt16BigEndian(value).ToString(CultureInfo.InvariantCulture);
        return null;
    }

    public static string? ParseIp4(ReadOnlySpan<char> text, out byte[] value)
    {
        // IPAddress.Parse would accept 127.1, 0x7f000001 and octal parts as well.
        value = new byte[4];
        int parts = 0;
        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> part = text[range];
            if (parts == 4 || part.Length is < 1 or > 3 || part.ContainsAnyExceptInRange('0', '9') || (part.Length > 1 && part[0] == '0')
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out value[parts++]))
            {
                return "is no IPv4 address";
            }
        }

        return parts == 4 ? null : "is no IPv4 address";
    }

    public static string? FormatIp4(ReadOnlySpan<byte> value, out string text)
    {
        text = string.Create(CultureInfo.InvariantCulture, $"{value[0]}.{value[1]}.{value[2]}.{value[3]}");
        return null;
    }

    public static string? ParseIp6(ReadOnlySpan<char> text, out byte[] value)
    {
        // IPAddress.Parse takes brackets, ports and zones as well, so the characters are looked at first.
        value = [];
        if (text.ContainsAnyExcept(_ip6Characters)
            || !IPAddress.TryParse(text, out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return "is no IPv6 address";
        }

        value = address.GetAddressBytes();
        return null;
    }

    /// <summary>RFC 5952: no leading zeros, the first longest run of zero groups as <c>::</c>, an IPv4-mapped address with its dots.</summary>
    public static string? FormatIp6(ReadOnlySpan<byte> value, out string text)
    {
        Span<ushort> groups = stackalloc ushort[8];
        for (int i = 0; i < groups.Length; i++)
        {
            groups[i] = BinaryPrimitives.ReadUInt16BigEndian(value[(2 * i)..]);
        }

        if (groups[..5].IndexOfAnyExcept((ushort)0) < 0 && groups[5] == 0xffff)
        {
            FormatIp4(value[12..], out string ip4);
            text = "::ffff:" + ip4;
            return null;
        }

        (int runStart, int runLength) = LongestZeroRun(groups);
        var builder = new StringBuilder(39);
        for (int i = 0; i < groups.Length; i++)
        {
            if (i == runStart && runLength > 1)
            {
                builder.Append("::");
                i += runLength - 1;
                continue;
            }

            if (builder.Length > 0 && builder[^1] != ':')
            {
                builder.Append(':');
            }

            builder.Append(CultureInfo.InvariantCulture, $"{groups[i]:x}");
        }

        text = builder.ToString();
        return null;
    }

    public static string? ParseName(ReadOnlySpan<char> text, out byte[] value) => ParseUtf8(text, out value) ?? FormatName(value, out _);

    public static string? FormatName(ReadOnlySpan<byte> value, out string text)
    {
        string? error = FormatUtf8(value, out text);
        return error
            ?? (value.Length > MaxNameLength ? $"is longer than {MaxNameLength} bytes"
            : text.AsSpan().ContainsAny(" /\u007F") || text.AsSpan().ContainsAnyInRange('\0', '\u001F')
                ? "holds a slash, a space or a control character"
            : null);
    }

    public static string? ParsePath(ReadOnlySpan<char> text, out byte[] value) => ParseUtf8(text, out value) ?? FormatPath(value, out _);

    public static string? FormatPath(ReadOnlySpan<byte> value, out string text)
    {
        string? error = FormatUtf8(value, out text);
        return error
            ?? (text is "/" || text[0] != '/' ? "is no absolute path"
            : text.Contains('\0') ? "holds a NUL"
            : null);
    }

    /// <summary>Reads a path of HTTP, percent-encoded (RFC 3986 section 2.1), so that its slashes do not end the value.</summary>
    public static string? ParseHttpPath(ReadOnlySpan<char> text, out byte[] value)
    {
        string? error = ParsePercent(text, out value);
        return error ?? FormatHttpPath(value, out _);
    }

    public static string? FormatHttpPath(ReadOnlySpan<byte> value, out string text)
    {
        string? error = FormatUtf8(value, out string plain);
        text = error is null ? Uri.EscapeDataString(plain) : string.Empty;
        return error
            ?? (plain.AsSpan().ContainsAnyInRange('\0', '\u001F') || plain.Contains('\u007F') ? "holds a control character" : null);
    }

    public static string? ParsePeerId(ReadOnlySpan<char> text, out byte[] value)
    {
        bool valid = PeerId.TryParse(text, out PeerId? peerId);
        value = valid ? peerId!.ToByteArray() : [];
        return valid ? null : "is no peer id";
    }

    public static string? FormatPeerId(ReadOnlySpan<byte> value, out string text)
    {
        bool valid = PeerId.TryFromBytes(value, out PeerId? peerId);
        text = valid ? peerId!.ToString() : string.Empty;
        return valid ? null : "is no peer id";
    }

    public static string? ParseMultihash(ReadOnlySpan<char> text, out byte[] value)
    {
        if (!Multibase.TryDecode(text, out byte[]? bytes, out _))
        {
            value = [];
            return "is no multibase text";
        }

        value = bytes;
        return FormatMultihash(value, out _);
    }

    public static string? FormatMultihash(ReadOnlySpan<byte> value, out string text)
    {
        bool valid = Multihash.TryRead(value, out _, out int consumed) && consumed == value.Length;
        text = valid ? Multibase.Encode(MultibaseEncoding.Base64Url, value) : string.Empty;
        return valid ? null : "is no multihash";
    }

    private static string? ParsePercent(ReadOnlySpan<char> text, out byte[] value)
    {
        value = [];
        var bytes = new ArrayBufferWriter<byte>(text.Length + 1);
        try
        {
            while (!text.IsEmpty)
            {
                int plain = text.IndexOf('%') is >= 0 and int at ? at : text.Length;
                _strictUtf8.GetBytes(text[..plain], bytes);
                text = text[plain..];
                if (text.IsEmpty)
                {
                    break;
                }

                if (text.Length < 3 || !byte.TryParse(text.Slice(1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte one))
                {
                    return "holds a percent sign without two hexadecimal digits behind it";
                }

                bytes.Write([one]);
                text = text[3..];
            }
        }
        catch (EncoderFallbackException)
        {
            return "is no valid Unicode text";
        }

        value = bytes.WrittenSpan.ToArray();
        return null;
    }

    private static string? ParseUtf8(ReadOnlySpan<char> text, out byte[] value)
    {
        value = [];
        try
        {
            value = new byte[_strictUtf8.GetByteCount(text)];
            _strictUtf8.GetBytes(text, value);
            return null;
        }
        catch (EncoderFallbackException)
        {
            return "is no valid Unicode text";
        }
    }

    private static string? FormatUtf8(ReadOnlySpan<byte> value, out string text)
    {
        text = string.Empty;
        if (value.IsEmpty)
        {
            return "is empty";
        }

        try
        {
            text = _strictUtf8.GetString(value);
            return null;
        }
        catch (DecoderFallbackException)
        {
            return "is no valid UTF-8";
        }
    }

    private static (int Start, int Length) LongestZeroRun(ReadOnlySpan<ushort> groups)
    {
        (int Start, int Length) longest = (-1, 0);
        for (int i = 0; i < groups.Length; i++)
        {
            int start = i;
            while (i < groups.Length && groups[i] == 0)
            {
                i++;
            }

            if (i - start > longest.Length)
            {
                longest = (start, i - start);
            }
        }

        return longest;
    }
}

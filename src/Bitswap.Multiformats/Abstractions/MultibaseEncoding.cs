namespace Bitswap.Multiformats.Abstractions;

/// <summary>Specifies the text encodings of the multibase table (github.com/multiformats/multibase) that are known here.</summary>
public enum MultibaseEncoding
{
    /// <summary>Prefix NUL: each character U+0000 to U+00FF is one byte.</summary>
    Identity,

    /// <summary>Prefix <c>0</c>: binary digits.</summary>
    Base2,

    /// <summary>Prefix <c>7</c>: octal, three bits a digit from the front.</summary>
    Base8,

    /// <summary>Prefix <c>9</c>: a decimal number.</summary>
    Base10,

    /// <summary>Prefix <c>f</c>: hexadecimal.</summary>
    Base16,

    /// <summary>Prefix <c>F</c>: hexadecimal, upper case.</summary>
    Base16Upper,

    /// <summary>Prefix <c>b</c>: RFC 4648 base32, no padding; what CIDs of version 1 are written in.</summary>
    Base32,

    /// <summary>Prefix <c>B</c>: RFC 4648 base32, upper case, no padding.</summary>
    Base32Upper,

    /// <summary>Prefix <c>c</c>: RFC 4648 base32 with padding.</summary>
    Base32Pad,

    /// <summary>Prefix <c>C</c>: RFC 4648 base32, upper case, with padding.</summary>
    Base32PadUpper,

    /// <summary>Prefix <c>v</c>: RFC 4648 base32hex, no padding.</summary>
    Base32Hex,

    /// <summary>Prefix <c>V</c>: RFC 4648 base32hex, upper case, no padding.</summary>
    Base32HexUpper,

    /// <summary>Prefix <c>t</c>: RFC 4648 base32hex with padding.</summary>
    Base32HexPad,

    /// <summary>Prefix <c>T</c>: RFC 4648 base32hex, upper case, with padding.</summary>
    Base32HexPadUpper,

    /// <summary>Prefix <c>h</c>: z-base-32.</summary>
    Base32Z,

    /// <summary>Prefix <c>k</c>: a number of digits 0-9a-z.</summary>
    Base36,

    /// <summary>Prefix <c>K</c>: a number of digits 0-9A-Z.</summary>
    Base36Upper,

    /// <summary>Prefix <c>z</c>: Bitcoin's base58.</summary>
    Base58Btc,

    /// <summary>Prefix <c>Z</c>: Flickr's base58.</summary>
    Base58Flickr,

    /// <summary>Prefix <c>m</c>: RFC 4648 base64, no padding.</summary>
    Base64,

    /// <summary>Prefix <c>M</c>: RFC 4648 base64 with padding.</summary>
    Base64Pad,

    /// <summary>Prefix <c>u</c>: RFC 4648 base64url, no padding.</summary>
    Base64Url,

    /// <summary>Prefix <c>U</c>: RFC 4648 base64url with padding.</summary>
    Base64UrlPad,

    /// <summary>Prefix U+1F680: an emoji a byte.</summary>
    Base256Emoji,
}

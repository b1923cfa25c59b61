using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap;

/// <summary>
/// Represents the identity of a libp2p peer: a multihash of its encoded public key (libp2p specs, peer-ids). The hash is identity where
/// the encoded key has at most 42 bytes (Ed25519, secp256k1) and SHA-256 where it has more (ECDSA, RSA).
/// </summary>
public sealed class PeerId : IEquatable<PeerId>, IComparable<PeerId>, IComparable, ISpanParsable<PeerId>
{
    /// <summary>The longest encoded public key that a peer id holds as it is, in bytes (libp2p specs, peer-ids).</summary>
    public const int MaxInlineKeyLength = 42;

    /// <summary>The longest text that <see cref="Parse(string)"/> looks at, in characters.</summary>
    public const int MaxTextLength = 512;

    private const int Sha256Length = 32;
    private const int Sha256TextLength = 46;

    private readonly Multihash _hash;
    private string? _text;

    private PeerId(Multihash hash) => _hash = hash;

    /// <summary>Gets the text form, as <see cref="ToString()"/> gives it: what is left of a peer id where only properties are read.</summary>
    public string Text => ToString();

    /// <summary>Gets the multihash.</summary>
    public Multihash Hash => _hash;

    /// <summary>Reads the binary form.</summary>
    /// <exception cref="MultiformatException"><c>InvalidPeerId</c>.</exception>
    public static PeerId FromBytes(ReadOnlySpan<byte> bytes)
    {
        string? error = Check(bytes);
        return error is null ? new PeerId(Multihash.FromBytes(bytes)) : throw Invalid(error);
    }

    /// <summary>Reads the binary form; false where <see cref="FromBytes"/> would throw.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out PeerId? peerId)
    {
        peerId = Check(bytes) is null ? new PeerId(Multihash.FromBytes(bytes)) : null;
        return peerId is not null;
    }

    /// <summary>Returns the peer id of a public key in libp2p's protobuf form.</summary>
    /// <param name="encodedProtobufKey">The message <c>PublicKey</c> of the libp2p specs in its one valid encoding: type, then data.</param>
    /// <exception cref="MultiformatException"><c>InvalidPeerId</c>: not such a message.</exception>
    public static PeerId FromPublicKey(ReadOnlySpan<byte> encodedProtobufKey)
    {
        string? error = CheckKey(encodedProtobufKey);
        return error is not null
            ? throw new MultiformatException(MultiformatException.InvalidPeerId, $"Not an encoded public key: {error}.")
            : new PeerId(encodedProtobufKey.Length <= MaxInlineKeyLength
                ? Multihash.FromDigest(MultihashCode.Identity, encodedProtobufKey)
                : Multihash.Compute(MultihashCode.Sha256, encodedProtobufKey));
    }

    /// <summary>Reads the base58btc text (<c>12D3Koo...</c>, <c>Qm...</c>) or that of a CID of the codec libp2p-key in any base.</summary>
    /// <exception cref="MultiformatException"><c>InvalidPeerId</c>: the message says what is wrong.</exception>
    public static PeerId Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text.AsSpan());
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static PeerId Parse(ReadOnlySpan<char> text)
    {
        string? error = ParseCore(text, out PeerId? peerId);
        return error is null
            ? peerId!
            : throw new MultiformatException(MultiformatException.InvalidPeerId, $"Not a peer id: {error}: '{Excerpt.Of(text)}'.");
    }

    /// <summary>Reads a text as <see cref="Parse(string)"/> does; false where that would throw.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out PeerId? peerId) =>
        ParseCore(text, out peerId) is null;

    /// <inheritdoc cref="TryParse(string, out PeerId)"/>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out PeerId? peerId) => ParseCore(text, out peerId) is null;

    // Explicit: a public overload with a provider would make every call of Parse(string) look as if it depended on a culture (CA1305).
    static PeerId IParsable<PeerId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<PeerId>.TryParse(string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out PeerId result) =>
        TryParse(s, out result);

    static PeerId ISpanParsable<PeerId>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static bool ISpanParsable<PeerId>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, [MaybeNullWhen(false)] out PeerId result) =>
        TryParse(s, out result);

    /// <summary>Returns the CID form: version 1, codec libp2p-key.</summary>
    public Cid ToCid() => Cid.CreateV1(Multicodec.Libp2pKey, _hash);

    /// <summary>Returns the binary form in an array of the caller's own.</summary>
    public byte[] ToByteArray() => _hash.ToByteArray();

    /// <summary>Returns the base58btc text.</summary>
    public override string ToString() => _text ??= Multibase.EncodeRaw(MultibaseEncoding.Base58Btc, _hash.Bytes);

    /// <summary>Returns whether both are the same peer.</summary>
    public bool Equals([NotNullWhen(true)] PeerId? other) => other is not null && _hash.Equals(other._hash);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as PeerId);

    /// <summary>Returns a hash code under a seed of this process: never to be stored.</summary>
    public override int GetHashCode() => _hash.GetHashCode();

    /// <summary>Compares bytewise; null comes first.</summary>
    public int CompareTo(PeerId? other) => other is null ? 1 : _hash.CompareTo(other._hash);

    /// <inheritdoc/>
    int IComparable.CompareTo(object? obj) => obj switch
    {
        null => 1,
        PeerId other => CompareTo(other),
        _ => throw new ArgumentException("Only a peer id can be compared with a peer id.", nameof(obj)),
    };

    /// <summary>Returns whether both are null or the same peer.</summary>
    public static bool operator ==(PeerId? left, PeerId? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Returns whether they are not the same peer.</summary>
    public static bool operator !=(PeerId? left, PeerId? right) => !(left == right);

    /// <summary>Says what is wrong with a binary peer id, or null.</summary>
    internal static string? Check(ReadOnlySpan<byte> bytes)
    {
        string? hashError = Multihash.Check(bytes, out int consumed);
        if (hashError is not null)
        {
            return hashError;
        }

        if (consumed != bytes.Length)
        {
            return $"{bytes.Length - consumed} bytes follow it";
        }

        return (bytes[0], bytes[1]) switch
        {
            (0x00, > MaxInlineKeyLength) => $"it holds a key of more than {MaxInlineKeyLength} bytes, which is to be hashed",
            (0x00, _) => CheckKey(bytes[2..]) is { } keyError ? $"in the key that it holds, {keyError}" : null,
            (0x12, Sha256Length) => null,
            _ => "it is neither a whole sha2-256 hash nor a public key",
        };
    }

    private static string? ParseCore(ReadOnlySpan<char> text, out PeerId? peerId)
    {
        peerId = null;
        if (text.IsEmpty || text.Length > MaxTextLength)
        {
            return text.IsEmpty ? "the text is empty" : $"the text has more than {MaxTextLength} characters";
        }

        // The spec's rule: base58btc has no prefix here, and starts with 1 (identity) or Qm (sha2-256); all else is a CID.
        bool isSha256 = text.StartsWith("Qm", StringComparison.Ordinal);
        if (isSha256 && text.Length != Sha256TextLength)
        {
            return $"one that begins with Qm has {Sha256TextLength} characters, and this has {text.Length}";
        }

        if (isSha256 || text[0] == '1')
        {
            Span<byte> bytes = stackalloc byte[MaxTextLength];
            string? error = Multibase.Base(MultibaseEncoding.Base58Btc).Decode(text, 0, bytes, out int written) ?? Check(bytes[..written]);
            peerId = error is null ? new PeerId(Multihash.FromBytes(bytes[..written])) : null;
            return error;
        }

        if (!Cid.TryParse(text, out Cid? cid))
        {
            return "it is neither base58btc of a peer id nor a CID";
        }

        if (cid.Codec != Multicodec.Libp2pKey)
        {
            return $"it is a CID of the codec {cid.CodecName}, and not libp2p-key";
        }

        string? hashError = Check(cid.Hash.Bytes);
        peerId = hashError is null ? new PeerId(cid.Hash) : null;
        return hashError;
    }

    /// <summary>
    /// Peer ids hash the encoding, so the spec allows only one: field 1 (varint) then field 2 (bytes), nothing else, shortest varints.
    /// </summary>
    private static string? CheckKey(ReadOnlySpan<byte> key)
    {
        const byte TypeTag = 0x08;
        const byte DataTag = 0x12;
        if (key.Length < 4 || key[0] != TypeTag || key[2] != DataTag)
        {
            return "it is not a type and data in this order";
        }

        if (Varint.TryRead(key[3..], out ulong length, out int lengthLength) != OperationStatus.Done
            || length != (ulong)(key.Length - 3 - lengthLength))
        {
            return "its data has not the length that it says";
        }

        return (key[1], length) switch
        {
            ( > 3, _) => $"there is no key type {key[1]}",
            (1, not 32) => $"an Ed25519 key has 32 bytes, and not {length}",
            (2, not 33) => $"a secp256k1 key has 33 bytes, and not {length}",
            (_, 0) => "its data is empty",
            _ => null,
        };
    }

    private static MultiformatException Invalid(string error) =>
        new(MultiformatException.InvalidPeerId, $"Not a peer id: {error}.");
}

using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Multiformats.Bases;

namespace Bitswap;

/// <summary>
/// Represents a content identifier (github.com/multiformats/cid): the hash of a block and the codec to read it with. Version 0 is a bare
/// SHA-256 multihash of a dag-pb block. Equality and order are those of the bytes, so the versions 0 and 1 of one block differ;
/// their <see cref="Hash"/> is the same.
/// </summary>
public sealed class Cid : IEquatable<Cid>, IComparable<Cid>, IComparable, ISpanParsable<Cid>
{
    private const int V0Length = 34;
    private const int V0TextLength = 46;

    private readonly Multihash _hash;
    private readonly bool _isV0;
    private string? _text;

    private Cid(Multihash hash, ulong codec, bool isV0)
    {
        _hash = hash;
        Codec = codec;
        _isV0 = isV0;
    }

    /// <summary>Gets the text form, as <see cref="ToString()"/> gives it: what is left of a CID where only properties are read.</summary>
    public string Text => ToString();

    /// <summary>Gets the version, 0 or 1.</summary>
    public int Version => _isV0 ? 0 : 1;

    /// <summary>Gets the codec of the block, as in <see cref="Multicodec"/>.</summary>
    public ulong Codec { get; }

    /// <summary>Gets the codec's name, such as <c>raw</c>, or its code in hexadecimal when it has no known one.</summary>
    public string CodecName => Multicodec.Name(Codec);

    /// <summary>Gets the multihash of the block: what blocks are looked up by.</summary>
    public Multihash Hash => _hash;

    /// <summary>Gets how many bytes the binary form takes.</summary>
    public int ByteLength => AsSpan().Length;

    /// <summary>Returns a CID of version 0.</summary>
    /// <exception cref="MultiformatException"><c>InvalidCid</c>: the hash is not a whole SHA-256.</exception>
    public static Cid CreateV0(Multihash hash) =>
        IsV0Hash(hash.Bytes)
            ? new Cid(hash, Multicodec.DagPb, isV0: true)
            : throw Invalid("version 0 is only for whole sha2-256 hashes");

    /// <summary>Returns a CID of version 1.</summary>
    /// <param name="codec">The codec of the block, as in <see cref="Multicodec"/>.</param>
    /// <param name="hash">The hash of the block.</param>
    /// <exception cref="ArgumentOutOfRangeException">The codec is over <see cref="Varint.MaxValue"/>.</exception>
    /// <exception cref="MultiformatException"><c>InvalidCid</c>: there is no hash.</exception>
    public static Cid CreateV1(ulong codec, Multihash hash)
    {
        if (hash.IsDefault)
        {
            throw Invalid("there is no hash");
        }

        int header = 1 + Varint.Length(codec);
        var bytes = new byte[header + hash.Bytes.Length];
        bytes[0] = 1;
        Varint.Write(bytes.AsSpan(1), codec);
        hash.Bytes.CopyTo(bytes.AsSpan(header));
        return new Cid(Multihash.FromTail(bytes, header), codec, isV0: false);
    }

    /// <summary>Hashes a block and makes its CID of version 1.</summary>
    /// <param name="codec">The codec of the block, as in <see cref="Multicodec"/>.</param>
    /// <param name="data">The block.</param>
    /// <param name="hashCode">The hash function, as in <see cref="MultihashCode"/>.</param>
    /// <exception cref="MultiformatException"><c>UnsupportedHash</c>.</exception>
    public static Cid Compute(ulong codec, ReadOnlySpan<byte> data, ulong hashCode = MultihashCode.Sha256) =>
        CreateV1(codec, Multihash.Compute(hashCode, data));

    /// <summary>Reads a CID in any base, by itself or in a text that names it as <see cref="CidAddress"/> says, without a further path.</summary>
    /// <exception cref="MultiformatException"><c>InvalidCid</c>: the message says what is wrong and where; <c>UnsupportedName</c>: it is an IPNS name.</exception>
    public static Cid Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text.AsSpan());
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static Cid Parse(ReadOnlySpan<char> text)
    {
        string? error = ParseCore(text, out Cid? cid);
        return error is null ? cid!
            : CidAddress.Parse(text).IsName ? throw new MultiformatException(MultiformatException.UnsupportedName, $"'{Excerpt.Of(text)}' {error}.")
            : throw Invalid(error, text);
    }

    /// <summary>Reads a CID as <see cref="Parse(string)"/> does; false where that would throw.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Cid? cid) => ParseCore(text, out cid) is null;

    /// <inheritdoc cref="TryParse(string, out Cid)"/>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Cid? cid) => ParseCore(text, out cid) is null;

    // Explicit: a public overload with a provider would make every call of Parse(string) look as if it depended on a culture (CA1305).
    static Cid IParsable<Cid>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<Cid>.TryParse(string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out Cid result) =>
        TryParse(s, out result);

    static Cid ISpanParsable<Cid>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static bool ISpanParsable<Cid>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, [MaybeNullWhen(false)] out Cid result) =>
        TryParse(s, out result);

    /// <summary>Reads a binary CID that takes up all of <paramref name="exact"/>.</summary>
    /// <exception cref="MultiformatException"><c>InvalidCid</c>.</exception>
    public static Cid FromBytes(ReadOnlySpan<byte> exact)
    {
        string? error = ReadCore(exact, out Cid? cid, out int consumed)
            ?? (consumed == exact.Length ? null : $"{exact.Length - consumed} bytes follow it");
        return error is null ? cid! : throw Invalid(error);
    }

    /// <summary>Reads a binary CID from the start of <paramref name="source"/>.</summary>
    /// <exception cref="MultiformatException"><c>InvalidCid</c>.</exception>
    public static Cid Read(ReadOnlySpan<byte> source, out int consumed)
    {
        string? error = ReadCore(source, out Cid? cid, out consumed);
        return error is null ? cid! : throw Invalid(error);
    }

    /// <summary>Reads a binary CID from the start of <paramref name="source"/>; false where <see cref="Read"/> would throw.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out Cid? cid, out int consumed) =>
        ReadCore(source, out cid, out consumed) is null;

    // The multihash of a version 1 is the tail of the CID's own bytes.
    internal ReadOnlySpan<byte> AsSpan() => _isV0 ? _hash.AsSpan() : _hash.Buffer;

    /// <summary>Returns this CID as version 0.</summary>
    /// <exception cref="MultiformatException"><c>InvalidCid</c>: not dag-pb, or not a whole SHA-256.</exception>
    public Cid ToV0() =>
        _isV0 ? this
        : Codec == Multicodec.DagPb ? CreateV0(_hash)
        : throw Invalid($"version 0 is only for dag-pb, and the codec is {CodecName}");

    /// <summary>Returns this CID as version 1.</summary>
    public Cid ToV1() => _isV0 ? CreateV1(Codec, _hash) : this;

    /// <summary>Returns the binary form in an array of the caller's own.</summary>
    public byte[] ToByteArray() => AsSpan().ToArray();

    /// <summary>Returns the usual text: base58btc of version 0, base32 of version 1.</summary>
    public override string ToString() => _text ??= ToString(_isV0 ? MultibaseEncoding.Base58Btc : MultibaseEncoding.Base32);

    /// <summary>Returns the text in a base. Version 0 has base58btc alone, and no multibase prefix.</summary>
    /// <exception cref="MultiformatException"><c>InvalidCid</c>: version 0 in another base.</exception>
    public string ToString(MultibaseEncoding encoding) =>
        !_isV0 ? Multibase.Encode(encoding, AsSpan())
        : encoding == MultibaseEncoding.Base58Btc ? Multibase.EncodeRaw(encoding, AsSpan())
        : throw Invalid($"version 0 is written in base58btc alone, and not in {Multibase.Name(encoding)}; convert it to version 1 first");

    /// <summary>Returns whether both are the same bytes.</summary>
    public bool Equals([NotNullWhen(true)] Cid? other) =>
        ReferenceEquals(this, other)
        || (other is not null && _isV0 == other._isV0 && Codec == other.Codec && _hash.Equals(other._hash));

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as Cid);

    /// <summary>Returns a hash code under a seed of this process: never to be stored.</summary>
    public override int GetHashCode() => unchecked(_hash.GetHashCode() + (int)(Codec * 0x9E3779B1) + Version);

    /// <summary>Compares bytewise; null comes first.</summary>
    public int CompareTo(Cid? other) => other is null ? 1 : AsSpan().SequenceCompareTo(other.AsSpan());

    /// <inheritdoc/>
    int IComparable.CompareTo(object? obj) => obj switch
    {
        null => 1,
        Cid other => CompareTo(other),
        _ => throw new ArgumentException("Only a CID can be compared with a CID.", nameof(obj)),
    };

    /// <summary>Returns whether both are null or the same bytes.</summary>
    public static bool operator ==(Cid? left, Cid? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Returns whether the bytes differ.</summary>
    public static bool operator !=(Cid? left, Cid? right) => !(left == right);

    private static string? ParseCore(ReadOnlySpan<char> text, out Cid? cid)
    {
        cid = null;
        CidAddress address = CidAddress.Parse(text);
        if (address.IsName)
        {
            return "is an IPNS name, which stands for a CID that may change, and not a CID";
        }

        if (!address.Path.Trim('/').IsEmpty)
        {
            return $"a path follows the CID at position {address.PathStart - 1}";
        }

        int origin = address.CidStart;
        ReadOnlySpan<char> core = address.Cid;
        if (!address.HasPrefix && core.Contains("://", StringComparison.Ordinal))
        {
            return "the address names no CID, neither as /ipfs/cid in its path nor as cid.ipfs. in its host";
        }

        if (core.IsEmpty)
        {
            return "the text is empty";
        }

        // Q is no multibase prefix, so a text that begins like this is meant to be version 0.
        bool isV0 = core.StartsWith("Qm", StringComparison.Ordinal);
        if (isV0 && core.Length != V0TextLength)
        {
            return $"version 0 (Qm...) has {V0TextLength} characters, and this has {core.Length}";
        }

        TextBase? textBase = null;
        if (isV0)
        {
            textBase = Multibase.Base(MultibaseEncoding.Base58Btc);
        }
        else
        {
            if (core.Length < 2)
            {
                return "the text is too short";
            }

            string? prefixError = Multibase.FindBase(core, out textBase, out _);
            if (prefixError is not null)
            {
                return prefixError;
            }

            origin += textBase!.Prefix.Length;
            core = core[textBase.Prefix.Length..];
        }

        int longest = textBase.MaxDecodedLength(core.Length);
        byte[]? rented = longest > 256 ? ArrayPool<byte>.Shared.Rent(longest) : null;
        Span<byte> buffer = rented ?? stackalloc byte[256];
        string? error = textBase.Decode(core, origin, buffer, out int written) ?? FromText(buffer[..written], isV0, out cid);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return error;
    }

    private static string? FromText(ReadOnlySpan<byte> bytes, bool isV0, out Cid? cid)
    {
        cid = null;
        if (!isV0 && bytes.StartsWith((ReadOnlySpan<byte>)[0x12]))
        {
            return "version 0 is written without a multibase prefix, in base58btc";
        }

        string? error = ReadCore(bytes, out Cid? read, out int consumed)
            ?? (consumed == bytes.Length ? null : $"{bytes.Length - consumed} bytes follow it");
        cid = error is null ? read : null;
        return error;
    }

    private static string? ReadCore(ReadOnlySpan<byte> source, out Cid? cid, out int consumed)
    {
        cid = null;
        consumed = 0;
        if (source.Length >= 2 && source[0] == 0x12 && source[1] == 0x20)
        {
            if (source.Length < V0Length)
            {
                return $"version 0 has {V0Length} bytes, of which {source.Length} are there";
            }

            consumed = V0Length;
            cid = new Cid(Multihash.FromTail(source[..V0Length].ToArray(), 0), Multicodec.DagPb, isV0: true);
            return null;
        }

        OperationStatus status = Varint.TryRead(source, out ulong version, out int versionLength);
        if (status != OperationStatus.Done)
        {
            return Multihash.VarintError("version", status, 0);
        }

        if (version != 1)
        {
            return version == 0x12 && source.Length < 2 ? "it is cut short" : $"there is no version {version}";
        }

        status = Varint.TryRead(source[versionLength..], out ulong codec, out int codecLength);
        if (status != OperationStatus.Done)
        {
            return Multihash.VarintError("codec", status, versionLength);
        }

        int header = versionLength + codecLength;
        string? error = Multihash.Check(source[header..], out int hashLength);
        if (error is not null)
        {
            return $"in the multihash from byte {header}, {error}";
        }

        consumed = header + hashLength;
        cid = new Cid(Multihash.FromTail(source[..consumed].ToArray(), header), codec, isV0: false);
        return null;
    }

    private static bool IsV0Hash(ReadOnlySpan<byte> hash) => hash.Length == V0Length && hash[0] == 0x12 && hash[1] == 0x20;

    private static MultiformatException Invalid(string error, ReadOnlySpan<char> text = default) =>
        new(MultiformatException.InvalidCid, text.IsEmpty ? $"Not a CID: {error}." : $"Not a CID: {error}: '{Excerpt.Of(text)}'.");
}

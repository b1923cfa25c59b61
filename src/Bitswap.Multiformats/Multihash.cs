using System.Buffers;
using System.Runtime.InteropServices;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Multiformats.Hashing;

namespace Bitswap;

/// <summary>
/// Represents a hash that says which function made it: varint code, varint length, digest (github.com/multiformats/multihash).
/// Immutable and cheap as a dictionary key: its hash code is computed once, under a seed of this process, so that digests
/// that collide on purpose cannot be chosen.
/// </summary>
public readonly struct Multihash : IEquatable<Multihash>, IComparable<Multihash>
{
    /// <summary>The shortest digest <see cref="IsAcceptable"/> takes, of every function but identity, in bytes.</summary>
    public const int MinDigestLength = HashFunctions.MinDigestLength;

    /// <summary>The longest digest <see cref="IsAcceptable"/> takes, in bytes.</summary>
    public const int MaxDigestLength = HashFunctions.MaxDigestLength;

    // The multihash is the tail of this array, so that a CID and its multihash share one.
    private readonly byte[]? _buffer;
    private readonly int _start;
    private readonly int _hashCode;

    private Multihash(byte[] buffer, int start)
    {
        _buffer = buffer;
        _start = start;
        _hashCode = SeededHash(buffer.AsSpan(start));
    }

    /// <summary>Gets the code of the hash function, as in <see cref="MultihashCode"/>; 0 when <see cref="IsDefault"/>.</summary>
    public ulong Code
    {
        get
        {
            ReadOnlySpan<byte> bytes = AsSpan();
            return bytes.IsEmpty ? 0 : bytes[0] < 0x80 ? bytes[0] : Varint.Read(bytes, out _);
        }
    }

    /// <summary>Gets the name of the hash function, such as <c>sha2-256</c>.</summary>
    public string Name => Multicodec.Name(Code);

    /// <summary>Gets the text form, as <see cref="ToString()"/> gives it: what is left of a multihash where only properties are read.</summary>
    public string Text => ToString();

    /// <summary>Gets whether this is <c>default</c>, which is no multihash.</summary>
    public bool IsDefault => _buffer is null;

    /// <summary>Gets the array whose tail this is; it is not written to.</summary>
    internal byte[] Buffer => _buffer ?? [];

    /// <summary>Reads a multihash that takes up all of <paramref name="exact"/>.</summary>
    /// <exception cref="MultiformatException"><c>InvalidMultihash</c>.</exception>
    public static Multihash FromBytes(ReadOnlySpan<byte> exact)
    {
        string? error = Check(exact, out int consumed)
            ?? (consumed == exact.Length ? null : $"{exact.Length - consumed} bytes follow it");
        return error is null ? new Multihash(exact.ToArray(), 0) : throw Invalid(error);
    }

    /// <summary>Reads a multihash from the start of <paramref name="source"/>.</summary>
    /// <exception cref="MultiformatException"><c>InvalidMultihash</c>.</exception>
    public static Multihash Read(ReadOnlySpan<byte> source, out int consumed)
    {
        string? error = Check(source, out consumed);
        return error is null ? new Multihash(source[..consumed].ToArray(), 0) : throw Invalid(error);
    }

    /// <summary>Reads a multihash from the start of <paramref name="source"/>; false where <see cref="Read"/> would throw.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out Multihash hash, out int consumed)
    {
        bool valid = Check(source, out consumed) is null;
        hash = valid ? new Multihash(source[..consumed].ToArray(), 0) : default;
        return valid;
    }

    /// <summary>Puts a code before a digest made elsewhere.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The code is over <see cref="Varint.MaxValue"/>.</exception>
    public static Multihash FromDigest(ulong code, ReadOnlySpan<byte> digest)
    {
        byte[] buffer = Allocate(code, digest.Length, out int header);
        digest.CopyTo(buffer.AsSpan(header));
        return new Multihash(buffer, 0);
    }

    /// <summary>Hashes data.</summary>
    /// <param name="code">The hash function, as in <see cref="MultihashCode"/>.</param>
    /// <param name="data">What to hash; with <see cref="MultihashCode.Identity"/>, the digest itself.</param>
    /// <param name="digestLength">
    /// How many bytes of digest to keep, at least 1 and at most what the function gives
    /// (<see cref="MaxDigestLength"/> for SHAKE256 and BLAKE3, the data's length for identity); -1 for the function's own length.
    /// </param>
    /// <exception cref="MultiformatException">
    /// <c>UnsupportedHash</c>: the function is not known here; <c>InvalidMultihash</c>: it has no digest of that length.
    /// </exception>
    public static Multihash Compute(ulong code, ReadOnlySpan<byte> data, int digestLength = -1)
    {
        if (code == MultihashCode.Identity)
        {
            return digestLength == -1 || digestLength == data.Length
                ? FromDigest(code, data)
                : throw Invalid($"an identity digest has the length of its data, {data.Length}, and not {digestLength}");
        }

        if (!HashFunctions.TryGetLength(code, out int length, out bool extendable))
        {
            throw Unsupported(code);
        }

        int kept = digestLength == -1 ? length : digestLength;
        int longest = extendable ? MaxDigestLength : length;
        if (kept < 1 || kept > longest)
        {
            throw Invalid($"{Multicodec.Name(code)} has digests of 1 to {longest} bytes, and not {digestLength}");
        }

        byte[] buffer = Allocate(code, kept, out int header);
        return HashFunctions.TryHash(code, data, buffer.AsSpan(header)) ? new Multihash(buffer, 0) : throw Unsupported(code);
    }

    /// <summary>
    /// Returns whether a multihash may name a block: its function is on the allow-list, its digest 20 to 128 bytes long (identity: 0 to 128)
    /// and no longer than the function makes. The bounds are those of boxo's <c>verifcid</c>.
    /// </summary>
    /// <param name="hash">The multihash.</param>
    /// <param name="reason">Why not, as a sentence without its full stop.</param>
    public static bool IsAcceptable(in Multihash hash, out string? reason)
    {
        int digest = hash.DigestSpan().Length;
        ulong code = hash.Code;
        bool known = HashFunctions.TryGetLength(code, out int length, out bool extendable);
        reason = hash.IsDefault ? "there is no hash"
            : !HashFunctions.IsAllowed(code) ? $"blocks are not named by the hash function {hash.Name}"
            : digest > MaxDigestLength ? $"the digest has {digest} bytes, over the bound of {MaxDigestLength}"
            : !known ? null
            : digest < MinDigestLength ? $"the digest has {digest} bytes, under the bound of {MinDigestLength}"
            : digest > length && !extendable ? $"the digest has {digest} bytes, more than {hash.Name} makes"
            : null;
        return reason is null;
    }

    /// <summary>
    /// Returns whether this is the hash of <paramref name="data"/>. False as well when the function cannot be computed here
    /// or has no digest of that length.
    /// </summary>
    public bool Matches(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> digest = DigestSpan();
        ulong code = Code;
        if (IsDefault)
        {
            return false;
        }

        if (code == MultihashCode.Identity)
        {
            return digest.SequenceEqual(data);
        }

        if (!HashFunctions.TryGetLength(code, out int length, out bool extendable)
            || digest.IsEmpty || digest.Length > (extendable ? MaxDigestLength : length))
        {
            return false;
        }

        Span<byte> computed = stackalloc byte[MaxDigestLength];
        computed = computed[..digest.Length];
        return HashFunctions.TryHash(code, data, computed) && digest.SequenceEqual(computed);
    }

    /// <summary>Code, length and digest in an array of the caller's own.</summary>
    public byte[] ToByteArray() => AsSpan().ToArray();

    /// <summary>Returns whether both are the same bytes.</summary>
    public bool Equals(Multihash other) => _hashCode == other._hashCode && AsSpan().SequenceEqual(other.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Multihash other && Equals(other);

    /// <summary>Returns a hash code under a seed of this process: never to be stored.</summary>
    public override int GetHashCode() => _hashCode;

    /// <summary>Compares bytewise.</summary>
    public int CompareTo(Multihash other) => AsSpan().SequenceCompareTo(other.AsSpan());

    /// <summary>Returns the bytes in lower-case hexadecimal; empty when <see cref="IsDefault"/>.</summary>
    public override string ToString() => Convert.ToHexStringLower(AsSpan());

    /// <summary>Returns whether both are the same bytes.</summary>
    public static bool operator ==(Multihash left, Multihash right) => left.Equals(right);

    /// <summary>Returns whether the bytes differ.</summary>
    public static bool operator !=(Multihash left, Multihash right) => !left.Equals(right);

    /// <summary>Compares bytewise.</summary>
    public static bool operator <(Multihash left, Multihash right) => left.CompareTo(right) < 0;

    /// <summary>Compares bytewise.</summary>
    public static bool operator <=(Multihash left, Multihash right) => left.CompareTo(right) <= 0;

    /// <summary>Compares bytewise.</summary>
    public static bool operator >(Multihash left, Multihash right) => left.CompareTo(right) > 0;

    /// <summary>Compares bytewise.</summary>
    public static bool operator >=(Multihash left, Multihash right) => left.CompareTo(right) >= 0;

    /// <summary>Wraps the tail of an array that was checked and is not written to.</summary>
    internal static Multihash FromTail(byte[] buffer, int start) => new(buffer, start);

    /// <summary>Says what is wrong with the multihash at the start of <paramref name="source"/>, or null and its length.</summary>
    internal static string? Check(ReadOnlySpan<byte> source, out int consumed)
    {
        consumed = 0;
        OperationStatus status = Varint.TryRead(source, out _, out int codeLength);
        if (status != OperationStatus.Done)
        {
            return VarintError("hash function code", status, 0);
        }

        status = Varint.TryRead(source[codeLength..], out ulong digestLength, out int lengthLength);
        if (status != OperationStatus.Done)
        {
            return VarintError("digest length", status, codeLength);
        }

        int available = source.Length - codeLength - lengthLength;
        if (digestLength > (ulong)available)
        {
            return $"its digest has {digestLength} bytes, of which {available} are there";
        }

        consumed = codeLength + lengthLength + (int)digestLength;
        return null;
    }

    internal static string VarintError(string what, OperationStatus status, int position) =>
        status == OperationStatus.NeedMoreData
            ? $"its {what}, the varint at byte {position}, is cut short"
            : $"its {what}, the varint at byte {position}, is not in its shortest form or too long";

    /// <summary>Marvin under the process's own random seed, which is what guards the strings of a dictionary.</summary>
    internal static int SeededHash(ReadOnlySpan<byte> bytes)
    {
        int hash = string.GetHashCode(MemoryMarshal.Cast<byte, char>(bytes));
        return (bytes.Length & 1) == 0 ? hash : unchecked((hash * 31) + bytes[^1]);
    }

    internal ReadOnlySpan<byte> AsSpan() => _buffer.AsSpan(_start);

    internal ReadOnlySpan<byte> DigestSpan()
    {
        ReadOnlySpan<byte> bytes = AsSpan();
        if (bytes.IsEmpty)
        {
            return bytes;
        }

        bytes = bytes[VarintEnd(bytes)..];
        return bytes[VarintEnd(bytes)..];
    }

    private static byte[] Allocate(ulong code, int digestLength, out int header)
    {
        int codeLength = Varint.Length(code);
        header = codeLength + Varint.Length((ulong)digestLength);
        var buffer = new byte[header + digestLength];
        Varint.Write(buffer, code);
        Varint.Write(buffer.AsSpan(codeLength), (ulong)digestLength);
        return buffer;
    }

    private static int VarintEnd(ReadOnlySpan<byte> bytes)
    {
        int length = 1;
        for (; bytes[length - 1] >= 0x80; length++)
        {
        }

        return length;
    }

    private static MultiformatException Invalid(string error) =>
        new(MultiformatException.InvalidMultihash, $"Not a multihash: {error}.");

    private static MultiformatException Unsupported(ulong code) =>
        new(MultiformatException.UnsupportedHash, $"The hash function {Multicodec.Name(code)} cannot be computed here.");
}

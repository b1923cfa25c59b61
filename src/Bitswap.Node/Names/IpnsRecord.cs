using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Links;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Node.Names;

/// <summary>
/// Represents an IPNS record whose signature is verified (specs.ipfs.tech/ipns/ipns-record): what the holder of a key says that its name stands for. Immutable; it reads
/// no clock, so whether it has expired is asked with the time. Of two records of one name the greater one holds.
/// </summary>
internal sealed class IpnsRecord : IComparable<IpnsRecord>
{
    /// <summary>The largest record, in bytes ("Record Size Limit").</summary>
    public const int MaxSize = INameSource.MaxRecordSize;

    private const int ValueField = 1;
    private const int SignatureV1Field = 2;
    private const int ValidityTypeField = 3;
    private const int ValidityField = 4;
    private const int SequenceField = 5;
    private const int TtlField = 6;
    private const int PublicKeyField = 7;
    private const int SignatureV2Field = 8;
    private const int DataField = 9;

    private const string ValueKey = "Value";
    private const string ValidityKey = "Validity";
    private const string ValidityTypeKey = "ValidityType";
    private const string SequenceKey = "Sequence";
    private const string TtlKey = "TTL";

    // "EOL": valid until a moment; there is no other.
    private const ulong UntilMoment = 0;

    private const int TickNanoseconds = 100;
    private static readonly UTF8Encoding _strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private IpnsRecord(PeerId name, ReadOnlyMemory<byte> bytes)
    {
        Name = name;
        Bytes = bytes;
    }

    /// <summary>Gets whose it is.</summary>
    public PeerId Name { get; }

    /// <summary>Gets it as it was read, or is sent.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Gets what the name stands for, such as <c>/ipfs/bafy...</c> or <c>/ipns/k51...</c>; it is not looked at here.</summary>
    public required string Value { get; init; }

    /// <summary>Gets its version: a publisher counts it up with what the name stands for.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>Gets when it expires.</summary>
    public required IpnsTime Validity { get; init; }

    /// <summary>Gets how long its publisher lets it be cached; null where it does not say.</summary>
    public TimeSpan? Ttl { get; init; }

    /// <summary>Reads a record and verifies its signature, as "Record Verification" says, but for the time.</summary>
    /// <param name="bytes">The record and nothing behind it; they are kept.</param>
    /// <param name="name">The name that it is to be of.</param>
    /// <exception cref="BitswapException">InvalidNameRecord: the message says why.</exception>
    public static IpnsRecord Decode(ReadOnlyMemory<byte> bytes, PeerId name)
    {
        Entry entry = ReadEntry(bytes, name);
        if (entry.SignatureV2.IsEmpty || entry.Data.IsEmpty)
        {
            throw Invalid(name, "it has no signature of version 2, or nothing that one could be of");
        }

        PublicKey key = KeyOf(entry, name);
        DagCborMap data = ReadData(entry, name);
        if (!key.Verify(Signed(entry.Data.Span), entry.SignatureV2.Span))
        {
            throw Invalid(name, "its signature is not that of the name's key");
        }

        ReadOnlyMemory<byte> value = data.Bytes(ValueKey) ?? throw Missing(name, ValueKey);
        ReadOnlyMemory<byte> validity = data.Bytes(ValidityKey) ?? throw Missing(name, ValidityKey);
        ulong validityType = data.Number(ValidityTypeKey) ?? throw Missing(name, ValidityTypeKey);
        ulong sequence = data.Number(SequenceKey) ?? throw Missing(name, SequenceKey);
        ulong? ttl = data.Number(TtlKey);
        if (!entry.SignatureV1.IsEmpty || !entry.Value.IsEmpty)
        {
            // What a reader of version 1 takes must be what is signed.
            bool isSame = entry.Value.Span.SequenceEqual(value.Span)
                && entry.Validity.Span.SequenceEqual(validity.Span)
                && (entry.ValidityType, entry.Sequence, entry.Ttl) == (validityType, sequence, ttl ?? 0);
            if (!isSame)
            {
                throw Invalid(name, "its fields of version 1 are not those that are signed");
            }
        }

        if (validityType != UntilMoment)
        {
            throw Invalid(name, $"its validity is of the type {validityType}, and only {UntilMoment} is known");
        }

        return new IpnsRecord(name, bytes)
        {
            Value = TextOf(value, name),
            Sequence = sequence,
            Validity = IpnsTime.TryParse(validity.Span, out IpnsTime until) ? until : throw Invalid(name, "its validity is no time"),
            Ttl = ttl is { } nanoseconds ? TimeSpan.FromTicks((long)(nanoseconds / TickNanoseconds)) : null,
        };
    }

    /// <summary>Makes a record of version 2 and signs it.</summary>
    /// <param name="key">The key, whose peer id is the name.</param>
    /// <param name="value">What the name stands for.</param>
    /// <param name="sequence">More than in the record before, where there was one with another value.</param>
    /// <param name="validUntil">When it expires.</param>
    /// <param name="ttl">How long it may be cached.</param>
    /// <exception cref="BitswapException">InvalidNameRecord: it is too large.</exception>
    public static IpnsRecord Create(PrivateKey key, string value, ulong sequence, DateTimeOffset validUntil, TimeSpan ttl)
    {
        IpnsTime validity = IpnsTime.Of(validUntil);
        byte[] data = new DagCborMap()
            .Add(ValueKey, Encoding.UTF8.GetBytes(value))
            .Add(ValidityKey, Encoding.ASCII.GetBytes(validity.ToString()))
            .Add(ValidityTypeKey, UntilMoment)
            .Add(SequenceKey, sequence)
            .Add(TtlKey, (ulong)ttl.Ticks * TickNanoseconds)
            .Write();
        byte[] signature = key.Sign(Signed(data));

        // Keys made here are of Ed25519, which the name holds whole, so the record need not.
        byte[] bytes = new byte[ProtobufWriter.BytesFieldSize(signature.Length) + ProtobufWriter.BytesFieldSize(data.Length)];
        if (bytes.Length > MaxSize)
        {
            throw Invalid(key.PeerId, $"it would have {bytes.Length} bytes, and {MaxSize} are allowed");
        }

        ProtobufWriter writer = new(bytes);
        writer.WriteBytes(SignatureV2Field, signature);
        writer.WriteBytes(DataField, data);
        return new IpnsRecord(key.PeerId, bytes) { Value = value, Sequence = sequence, Validity = validity, Ttl = ttl };
    }

    /// <summary>Returns whether it has expired at a time.</summary>
    public bool IsExpiredAt(DateTimeOffset now) => IpnsTime.Of(now).CompareTo(Validity) > 0;

    /// <summary>Compares records of one name: the higher sequence holds, then the longer validity, then the greater bytes, so that all who see both choose the same.</summary>
    public int CompareTo(IpnsRecord? other)
    {
        if (other is null)
        {
            return 1;
        }

        int order = Sequence.CompareTo(other.Sequence);
        order = order != 0 ? order : Validity.CompareTo(other.Validity);
        return order != 0 ? order : Bytes.Span.SequenceCompareTo(other.Bytes.Span);
    }

    private static Entry ReadEntry(ReadOnlyMemory<byte> bytes, PeerId name)
    {
        if (bytes.Length > MaxSize)
        {
            throw Invalid(name, $"it has {bytes.Length} bytes, and {MaxSize} are allowed");
        }

        Entry entry = new();
        ProtobufReader reader = new(bytes.Span, new ProtobufDialect(IsCanonical: false, (why, _) => Invalid(name, $"it is no protobuf message: {why}")));
        while (reader.TryReadTag(out ProtobufTag tag))
        {
            switch (tag)
            {
                case (ValueField, ProtobufWireType.Bytes):
                    entry.Value = bytes[reader.ReadRange()];
                    break;
                case (SignatureV1Field, ProtobufWireType.Bytes):
                    entry.SignatureV1 = bytes[reader.ReadRange()];
                    break;
                case (ValidityTypeField, ProtobufWireType.Varint):
                    entry.ValidityType = reader.ReadVarint();
                    break;
                case (ValidityField, ProtobufWireType.Bytes):
                    entry.Validity = bytes[reader.ReadRange()];
                    break;
                case (SequenceField, ProtobufWireType.Varint):
                    entry.Sequence = reader.ReadVarint();
                    break;
                case (TtlField, ProtobufWireType.Varint):
                    entry.Ttl = reader.ReadVarint();
                    break;
                case (PublicKeyField, ProtobufWireType.Bytes):
                    entry.PublicKey = bytes[reader.ReadRange()];
                    break;
                case (SignatureV2Field, ProtobufWireType.Bytes):
                    entry.SignatureV2 = bytes[reader.ReadRange()];
                    break;
                case (DataField, ProtobufWireType.Bytes):
                    entry.Data = bytes[reader.ReadRange()];
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return entry;
    }

    private static PublicKey KeyOf(Entry entry, PeerId name)
    {
        try
        {
            if (!entry.PublicKey.IsEmpty)
            {
                PublicKey key = PublicKey.Decode(entry.PublicKey.Span);
                return key.PeerId.Equals(name) ? key : throw Invalid(name, $"it holds the key of {IpnsName.TextOf(key.PeerId)}");
            }

            return name.Hash.Code == MultihashCode.Identity
                ? PublicKey.Decode(name.Hash.Digest)
                : throw Invalid(name, "neither it nor the name holds the key");
        }
        catch (Libp2pException failure)
        {
            throw Invalid(name, $"the key cannot be used: {failure.Message}", failure);
        }
    }

    private static DagCborMap ReadData(Entry entry, PeerId name)
    {
        try
        {
            return DagCborMap.Read(entry.Data);
        }
        catch (DagException failure)
        {
            throw Invalid(name, $"what it signs cannot be read: {failure.Message}", failure);
        }
    }

    private static string TextOf(ReadOnlyMemory<byte> value, PeerId name)
    {
        try
        {
            return _strictUtf8.GetString(value.Span);
        }
        catch (DecoderFallbackException failure)
        {
            throw Invalid(name, "its value is no text", failure);
        }
    }

    private static byte[] Signed(ReadOnlySpan<byte> data) => [.. "ipns-signature:"u8, .. data];

    private static BitswapException Missing(PeerId name, string key) => Invalid(name, $"its {key} is missing or of another kind");

    private static BitswapException Invalid(PeerId name, string why, Exception? cause = null) => NameErrors.InvalidRecord(IpnsName.TextOf(name), why, cause);

    // the message IpnsEntry
    private sealed class Entry
    {
        public ReadOnlyMemory<byte> Value { get; set; }

        public ReadOnlyMemory<byte> SignatureV1 { get; set; }

        public ulong ValidityType { get; set; }

        public ReadOnlyMemory<byte> Validity { get; set; }

        public ulong Sequence { get; set; }

        public ulong Ttl { get; set; }

        public ReadOnlyMemory<byte> PublicKey { get; set; }

        public ReadOnlyMemory<byte> SignatureV2 { get; set; }

        public ReadOnlyMemory<byte> Data { get; set; }
    }
}

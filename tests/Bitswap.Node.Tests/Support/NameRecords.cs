using System.Text;
using Bitswap.Dag.Links;
using Bitswap.Libp2p.Crypto;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Names;

namespace Bitswap.Node.Tests.Support;

/// <summary>Makes IPNS records, as the specification has them and otherwise.</summary>
internal static class NameRecords
{
    public const string Validity = "2030-01-02T03:04:05.000000000Z";

    /// <summary>The field of the record's key.</summary>
    public const int PublicKeyField = 7;

    /// <summary>The field of the signature.</summary>
    public const int SignatureField = 8;

    /// <summary>The field of what is signed.</summary>
    public const int DataField = 9;

    /// <summary>What a record is valid before, and after.</summary>
    public static DateTimeOffset Until { get; } = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>The key of a number.</summary>
    public static PrivateKey Key(int number) => PrivateKey.FromSeed([.. Enumerable.Repeat((byte)number, 32)]);

    /// <summary>A record as it should be.</summary>
    public static IpnsRecord Of(PrivateKey key, string value, ulong sequence = 0, DateTimeOffset? until = null, TimeSpan? ttl = null) =>
        IpnsRecord.Create(key, value, sequence, until ?? Until, ttl ?? TimeSpan.FromMinutes(5));

    /// <summary>What a record signs.</summary>
    public static DagCborMap Data(string value = "/ipfs/bafkqaaa", string validity = Validity, ulong sequence = 3, ulong ttl = 300_000_000_000) => new DagCborMap()
        .Add("Value", Encoding.UTF8.GetBytes(value))
        .Add("Validity", Encoding.ASCII.GetBytes(validity))
        .Add("ValidityType", 0)
        .Add("Sequence", sequence)
        .Add("TTL", ttl);

    /// <summary>A record of what a test chooses, signed.</summary>
    public static byte[] Signed(byte[] data, Func<byte[], byte[]> sign, params IEnumerable<byte[]> more) =>
        [.. Field(SignatureField, sign([.. "ipns-signature:"u8, .. data])), .. Field(DataField, data), .. more.SelectMany(field => field)];

    /// <summary>A field of bytes.</summary>
    public static byte[] Field(int number, ReadOnlySpan<byte> value) => [(byte)((number << 3) | 2), .. Number((ulong)value.Length), .. value];

    /// <summary>A field of a number.</summary>
    public static byte[] Field(int number, ulong value) => [(byte)(number << 3), .. Number(value)];

    private static byte[] Number(ulong value)
    {
        byte[] bytes = new byte[Varint.Length(value)];
        Varint.Write(bytes, value);
        return bytes;
    }
}

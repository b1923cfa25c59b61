using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Dag.UnixFs;

/// <summary>
/// Represents the data of a dag-pb node that is a UnixFS entry (specs.ipfs.tech/unixfs). What is null is absent and is not written. Encoding writes the
/// fields by their numbers and block sizes one by one, which is the form that makes the CIDs that others make.
/// </summary>
public sealed record UnixFsData
{
    /// <summary>Gets what the entry is.</summary>
    public required UnixFsType Type { get; init; }

    /// <summary>Gets the bytes of a file, the target of a symlink, the bit field of a shard. Of a decoded entry a part of what was decoded.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Gets whether there is data at all; set it to write empty data.</summary>
    public bool HasData { get => field || !Data.IsEmpty; init; }

    /// <summary>Gets the bytes of the file below this node, or null.</summary>
    public ulong? FileSize { get; init; }

    /// <summary>Gets the bytes of the file below each link, in the links' order.</summary>
    public IReadOnlyList<ulong> BlockSizes { get; init; } = [];

    /// <summary>Gets the hash function of a shard, 0x22 for murmur3-x64-64, or null.</summary>
    public ulong? HashType { get; init; }

    /// <summary>Gets how many slots a shard has, or null.</summary>
    public ulong? Fanout { get; init; }

    /// <summary>POSIX permissions in the lower 12 bits; the rest is reserved and kept as it is. Null: the default of the entry's type.</summary>
    public uint? Mode { get; init; }

    /// <summary>Gets when the entry was last changed, or null.</summary>
    public UnixFsTime? Mtime { get; init; }

    /// <summary>Gets how many bytes the encoded entry takes.</summary>
    public int EncodedLength => UnixFsCodec.Measure(this);

    /// <summary>Reads an entry that takes up all of <paramref name="source"/>.</summary>
    /// <param name="source">The data of a dag-pb node; <see cref="Data"/> refers to it.</param>
    /// <exception cref="DagException"><c>InvalidUnixFs</c>: the message says what is wrong, and where.</exception>
    public static UnixFsData Decode(ReadOnlyMemory<byte> source) => UnixFsCodec.Decode(source);

    /// <summary>Reads the entry that a dag-pb node is; null where it is none, since dag-pb carries other things too.</summary>
    public static UnixFsData? TryDecode(DagPbNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        try
        {
            return node.HasData ? Decode(node.Data) : null;
        }
        catch (DagException)
        {
            return null;
        }
    }

    /// <summary>Writes the entry.</summary>
    /// <param name="destination">At least <see cref="EncodedLength"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int Encode(Span<byte> destination)
    {
        int length = EncodedLength;
        if (destination.Length < length)
        {
            throw new ArgumentException($"The entry takes {length} bytes, and there is room for {destination.Length}.", nameof(destination));
        }

        var writer = new ProtobufWriter(destination);
        UnixFsCodec.Write(this, ref writer);
        return writer.Position;
    }

    /// <summary>Returns the encoded entry, in an array of the caller's own.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[EncodedLength];
        Encode(bytes);
        return bytes;
    }
}

/// <summary>Specifies what a UnixFS entry is (specs.ipfs.tech/unixfs, <c>DataType</c>).</summary>
public enum UnixFsType
{
    /// <summary>Bytes of a file, as old writers marked leaves.</summary>
    Raw = 0,

    /// <summary>A directory whose entries are the node's links.</summary>
    Directory = 1,

    /// <summary>A file, or a part of one.</summary>
    File = 2,

    /// <summary>Metadata of a file, long out of use.</summary>
    Metadata = 3,

    /// <summary>A symbolic link; the data is its target.</summary>
    Symlink = 4,

    /// <summary>A part of a directory that is spread over many nodes by a hash of the names.</summary>
    HamtShard = 5,
}

/// <summary>Represents when an entry was last changed (specs.ipfs.tech/unixfs, <c>UnixTime</c>).</summary>
/// <param name="Seconds">Seconds since 1970-01-01T00:00:00Z; negative before.</param>
/// <param name="Nanoseconds">What is to be added to the seconds, 1 to 999 999 999, or null for nothing.</param>
public readonly record struct UnixFsTime(long Seconds, uint? Nanoseconds)
{
    /// <summary>The largest part of a second.</summary>
    public const uint MaxNanoseconds = 999_999_999;
}

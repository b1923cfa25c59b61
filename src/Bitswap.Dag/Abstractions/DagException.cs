using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Abstractions;

/// <summary>Represents a block, a graph of blocks or a CAR that cannot be read as what it should be.</summary>
public class DagException : FormatException
{
    /// <summary>Makes the error.</summary>
    /// <param name="errorId">One of <see cref="DagErrorIds"/>.</param>
    /// <param name="message">What is wrong, and where.</param>
    /// <param name="innerException">What brought it about, if that says more.</param>
    public DagException(string errorId, string message, Exception? innerException = null)
        : base(message, innerException)
    {
        ArgumentException.ThrowIfNullOrEmpty(errorId);
        ErrorId = errorId;
    }

    /// <summary>Gets a stable id a caller may switch on; one of <see cref="DagErrorIds"/>.</summary>
    public string ErrorId { get; }

    /// <summary>Gets the block that the error is about, or null when it is about none.</summary>
    public Cid? Cid { get; init; }

    /// <summary>Gets the file that the error is about, or null when it is about none.</summary>
    public string? Path { get; init; }
}

/// <summary>Defines the stable ids of <see cref="DagException"/>.</summary>
public static class DagErrorIds
{
    /// <summary>A block is no dag-pb node, or not in the one form that the codec allows.</summary>
    public const string InvalidDagPb = nameof(InvalidDagPb);

    /// <summary>The data of a dag-pb node is no UnixFS entry, or contradicts itself.</summary>
    public const string InvalidUnixFs = nameof(InvalidUnixFs);

    /// <summary>A block is no dag-cbor value.</summary>
    public const string InvalidDagCbor = nameof(InvalidDagCbor);

    /// <summary>A block is no dag-json value.</summary>
    public const string InvalidDagJson = nameof(InvalidDagJson);

    /// <summary>A file is no CAR, or is damaged or cut short.</summary>
    public const string InvalidCar = nameof(InvalidCar);

    /// <summary>The links of a block cannot be read, because its codec is not known here.</summary>
    public const string UnsupportedCodec = nameof(UnsupportedCodec);

    /// <summary>A graph or a block is deeper, longer or larger than the limit that was set.</summary>
    public const string DagLimitExceeded = nameof(DagLimitExceeded);

    /// <summary>A name in a directory cannot be a file name here without reaching out of the destination.</summary>
    public const string UnsafeName = nameof(UnsafeName);

    /// <summary>A path leads to no entry.</summary>
    public const string PathNotFound = nameof(PathNotFound);

    /// <summary>A file was needed, and the entry is another thing.</summary>
    public const string NotAFile = nameof(NotAFile);

    /// <summary>A directory was needed, and the entry is another thing.</summary>
    public const string NotADirectory = nameof(NotADirectory);

    /// <summary>A description of where to cut files is none, or a size in it is out of range.</summary>
    public const string InvalidChunker = nameof(InvalidChunker);

    /// <summary>The parameters of an import contradict each other.</summary>
    public const string InvalidProfile = nameof(InvalidProfile);

    /// <summary>A file changed or vanished while it was imported.</summary>
    public const string FileChanged = nameof(FileChanged);

    /// <summary>A file or folder that was to be imported cannot be read.</summary>
    public const string FileUnreadable = nameof(FileUnreadable);

    /// <summary>A block is larger than a message holds.</summary>
    public const string BlockTooLarge = BlockRefusal.BlockTooLarge;

    /// <summary>A CID has a hash that no block may have.</summary>
    public const string InvalidMultihash = MultiformatException.InvalidMultihash;

    /// <summary>A directory would hold two entries with one name.</summary>
    public const string DuplicateName = nameof(DuplicateName);
}

/// <summary>Defines the stable ids of errors that only reading and saving files makes; the others are in <see cref="DagErrorIds"/>.</summary>
public static class ReadErrorIds
{
    /// <summary>A text is no path into a graph: <c>cid/a/b</c>, <c>/ipfs/cid/a/b</c> or <c>ipfs://cid/a/b</c>.</summary>
    public const string InvalidPath = nameof(InvalidPath);

    /// <summary>A shard of a directory is malformed: its fanout, hash, bit field or the prefix of a name.</summary>
    public const string InvalidHamt = nameof(InvalidHamt);

    /// <summary>A symlink would lead out of the destination.</summary>
    public const string UnsafeLink = nameof(UnsafeLink);

    /// <summary>Something in the destination would let a write leave it: a symlink where a folder is needed.</summary>
    public const string UnsafeDestination = nameof(UnsafeDestination);

    /// <summary>There is something where a file or folder is to be saved.</summary>
    public const string TargetExists = nameof(TargetExists);

    /// <summary>Another save of the same thing to the same place is running.</summary>
    public const string SaveInProgress = nameof(SaveInProgress);

    /// <summary>The files that are saved have more bytes than its disk has room for.</summary>
    public const string DiskFull = nameof(DiskFull);

    /// <summary>The disk refused: no permission, a path that is too long.</summary>
    public const string SaveFailed = nameof(SaveFailed);
}

using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Dag.Abstractions;

/// <summary>The stable ids of <see cref="DagException"/>.</summary>
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

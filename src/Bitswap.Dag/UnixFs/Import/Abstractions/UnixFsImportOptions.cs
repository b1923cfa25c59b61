using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.UnixFs.Import.Abstractions;

/// <summary>Specifies what is imported, and how. Each value is refused at construction when out of range.</summary>
public sealed record UnixFsImportOptions
{
    /// <summary>Gets what decides which CIDs come out; <see cref="UnixFsProfile.V1_2025"/> by default.</summary>
    public UnixFsProfile Profile
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = UnixFsProfile.V1_2025;

    /// <summary>Gets whether files and folders whose names begin with a dot, or that the file system calls hidden, are taken from within folders.
    /// One that is named itself is always taken.</summary>
    public bool Hidden { get; init; }

    /// <summary>Gets what is done with symbolic links.</summary>
    public SymlinkRule Symlinks
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw OutOfRange(nameof(Symlinks), value, "Keep, Follow or Skip");
    }

    /// <summary>Gets whether folders in which nothing is are kept; true by default. One that is named itself always is.</summary>
    public bool EmptyDirectories { get; init; } = true;

    /// <summary>Gets whether the POSIX permissions are kept, where the file system has them. Needs leaves that are not raw.</summary>
    public bool PreserveMode { get; init; }

    /// <summary>Gets whether the times of last change are kept, to the nanosecond where the system tells it. Needs leaves that are not raw.</summary>
    public bool PreserveTime { get; init; }

    /// <summary>Gets how deep folders may lie in each other; 1 to 1024, 256 by default.</summary>
    public int MaxDepth
    {
        get;
        init => field = value is >= 1 and <= 1024 ? value : throw OutOfRange(nameof(MaxDepth), value, "1 to 1024");
    } = 256;

    /// <summary>Gets how many files are read at once; 1 to 256, twice the processors by default, at most 32.</summary>
    public int MaxParallelFiles
    {
        get;
        init => field = value is >= 1 and <= 256 ? value : throw OutOfRange(nameof(MaxParallelFiles), value, "1 to 256");
    } = Math.Min(2 * Environment.ProcessorCount, 32);

    /// <summary>
    /// Bytes of the buffers that chunks are read to; 1 byte to 4 GiB, 64 MiB by default. There are never less than two, nor more than four a
    /// processor.
    /// </summary>
    public long MaxBufferedBytes
    {
        get;
        init => field = value is >= 1 and <= 4L * 1024 * 1024 * 1024 ? value : throw OutOfRange(nameof(MaxBufferedBytes), value, "1 byte to 4 GiB");
    } = 64 * 1024 * 1024;

    /// <summary>Checks what no value can be told by itself.</summary>
    /// <exception cref="DagException">InvalidProfile: the profile, or raw leaves together with modes or times, which raw leaves have no place
    /// for.</exception>
    public void Validate()
    {
        Profile.Validate();
        if (Profile.RawLeaves && (PreserveMode || PreserveTime))
        {
            throw new DagException(DagErrorIds.InvalidProfile, "Raw leaves have no place for a mode or a time; to keep these, turn raw leaves off.");
        }
    }

    private static ArgumentOutOfRangeException OutOfRange(string name, object value, string range) => new(name, value, $"{name} must be {range}.");
}

/// <summary>Specifies what an import does with a symbolic link.</summary>
public enum SymlinkRule
{
    /// <summary>It is kept as a link, its target as it is written: what <c>ipfs add</c> does.</summary>
    Keep,

    /// <summary>The file or folder that it leads to is imported in its place.</summary>
    Follow,

    /// <summary>It is left out.</summary>
    Skip,
}

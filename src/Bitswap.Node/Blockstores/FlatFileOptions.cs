using Bitswap.Node.Repositories;
using Microsoft.Win32.SafeHandles;

namespace Bitswap.Node.Blockstores;

/// <summary>How a <see cref="FlatFileBlockstore"/> works. Each value is refused at construction when out of range.</summary>
public sealed record FlatFileOptions
{
    /// <summary>
    /// Bytes of the largest block it takes or serves; 1 to 1 GiB, 4 MiB by default, which is what a Bitswap message can hold.
    /// </summary>
    public int MaxBlockSize
    {
        get;
        init => field = value is >= 1 and <= 1024 * 1024 * 1024 ? value : throw OutOfRange(nameof(MaxBlockSize), value, "1 byte to 1 GiB");
    } = 4 * 1024 * 1024;

    /// <summary>
    /// Files worked on at once, each by a pool thread; 1 to 256, twice the processors by default, at least 4 and at most 32.
    /// </summary>
    public int MaxParallelism
    {
        get;
        init => field = value is >= 1 and <= 256 ? value : throw OutOfRange(nameof(MaxParallelism), value, "1 to 256");
    } = Math.Clamp(2 * Environment.ProcessorCount, 4, 32);

    /// <summary>
    /// Files flushed at once while many blocks are stored, each by a thread of its own that ends with its group; 1 to 256, 16 by default. The file
    /// system writes its journal once for all that wait for it, so a flush of many files is as quick as the disk only where many wait.
    /// </summary>
    public int MaxParallelFlushes
    {
        get;
        init => field = value is >= 1 and <= 256 ? value : throw OutOfRange(nameof(MaxParallelFlushes), value, "1 to 256");
    } = 16;

    /// <summary>
    /// True, the default: a block's data is on the disk itself before it gets its name, so that a power cut leaves no torn block. False is
    /// faster; a power cut may then leave blocks that are found corrupt when they are read, never served.
    /// </summary>
    public bool FlushToDisk { get; init; } = true;

    /// <summary>
    /// Gets how old an unfinished file must be to be removed when the store is opened, where it cannot be told whether its writer lives: on a file system without locks;
    /// 1 minute to 1000 days, 1 hour by default. Elsewhere those of a dead writer go at once.
    /// </summary>
    public TimeSpan UnfinishedFileAge
    {
        get;
        init => field = value >= TimeSpan.FromMinutes(1) && value <= TimeSpan.FromDays(1000)
            ? value
            : throw OutOfRange(nameof(UnfinishedFileAge), value, "1 minute to 1000 days");
    } = TimeSpan.FromHours(1);

    /// <summary>Gets the clock that the age of files is told by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Gets whether nothing is to be written to the store: for one on a disk that may only be read.</summary>
    internal bool IsReadOnly { get; init; }

    /// <summary>Gets whether the store is the folder of a <see cref="Repository"/>, which no other program uses.</summary>
    internal bool IsOfRepository { get; init; }

    /// <summary>Gets the bound of the store; null where it has none.</summary>
    internal StoreQuota? Quota { get; init; }

    /// <summary>Puts what was written to a file on the disk itself.</summary>
    internal Action<SafeFileHandle> Flush { get; init; } = RandomAccess.FlushToDisk;

    private static ArgumentOutOfRangeException OutOfRange(string name, object value, string range) =>
        new(name, value, $"{name} must be {range}.");
}

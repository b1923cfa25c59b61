using Bitswap.Dag.UnixFs.Read;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>What was saved.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Entry">What it is.</param>
/// <param name="Bytes">Bytes of all its files.</param>
/// <param name="Recovered">Of these, the bytes that were on the disk already.</param>
/// <param name="Files">How many files.</param>
/// <param name="Directories">How many directories, itself included.</param>
/// <param name="Symlinks">How many symlinks.</param>
public sealed record SaveResult(string Path, UnixFsEntry Entry, long Bytes, long Recovered, int Files, int Directories, int Symlinks)
{
    /// <summary>How many of the files and symlinks were there already, the same, and were not written.</summary>
    public int Unchanged { get; init; }

    /// <summary>Whether all of it was there already, the same, and nothing was written.</summary>
    public bool IsUnchanged { get; init; }

    /// <summary>The entries that were left out, since they cannot be saved; the first 1000 of them.</summary>
    public IReadOnlyList<UnsavableEntry> Skipped { get; init; } = [];

    /// <summary>How many entries were left out.</summary>
    public long SkippedCount { get; init; }
}

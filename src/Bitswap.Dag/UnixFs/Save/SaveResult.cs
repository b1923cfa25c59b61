using Bitswap.Dag.UnixFs.Read;

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>Represents the result of a save.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Entry">What it is.</param>
/// <param name="Bytes">Bytes of all its files.</param>
/// <param name="Recovered">Of these, the bytes that were on the disk already.</param>
/// <param name="Files">How many files.</param>
/// <param name="Directories">How many directories, itself included.</param>
/// <param name="Symlinks">How many symlinks.</param>
public sealed record SaveResult(string Path, UnixFsEntry Entry, long Bytes, long Recovered, int Files, int Directories, int Symlinks)
{
    /// <summary>Gets how many of the files and symlinks were there already, the same, and were not written.</summary>
    public int Unchanged { get; init; }

    /// <summary>Gets whether all of it was there already, the same, and nothing was written.</summary>
    public bool IsUnchanged { get; init; }

    /// <summary>Gets the entries that were left out, since they cannot be saved; the first 1000 of them.</summary>
    public IReadOnlyList<UnsavableEntry> Skipped { get; init; } = [];

    /// <summary>Gets how many entries were left out.</summary>
    public long SkippedCount { get; init; }
}

/// <summary>Represents how far a save is. It is written by the save and may be read from any thread.</summary>
public sealed class SaveProgress
{
    private long _bytes;
    private long _recovered;
    private long _total = -1;
    private int _files;
    private string _current = "";
    private string? _kept;

    /// <summary>Bytes that are in place, fetched or found there.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Of these, the bytes that were on the disk already, and that were verified.</summary>
    public long Recovered => Interlocked.Read(ref _recovered);

    /// <summary>Bytes in all, as the blocks and links claim; null while that is not known.</summary>
    public long? Total => Interlocked.Read(ref _total) is >= 0 and long total ? total : null;

    /// <summary>Files that are whole.</summary>
    public int Files => Volatile.Read(ref _files);

    /// <summary>Gets the file being written, by its path below what is saved; empty for that itself.</summary>
    public string Current => Volatile.Read(ref _current);

    /// <summary>Gets the folder that holds what an interrupted save has written, from where the next one goes on; null where there is none.</summary>
    public string? Kept => Volatile.Read(ref _kept);

    internal void Keep(string folder) => Volatile.Write(ref _kept, folder);

    internal void Begin(string path) => Volatile.Write(ref _current, path);

    internal void Expect(long bytes) => Interlocked.Exchange(ref _total, bytes);

    internal void Add(int bytes, bool recovered)
    {
        Interlocked.Add(ref _bytes, bytes);
        if (recovered)
        {
            Interlocked.Add(ref _recovered, bytes);
        }
    }

    internal void AddFile() => Interlocked.Increment(ref _files);
}

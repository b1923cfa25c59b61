namespace Bitswap.Dag.UnixFs.Save;

/// <summary>How far a save is. Written by the save, and read by whoever wants to know, at any time.</summary>
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

    /// <summary>The file being written, by its path below what is saved; empty for that itself.</summary>
    public string Current => Volatile.Read(ref _current);

    /// <summary>The folder that holds what an interrupted save has written, from where the next one goes on; null where there is none.</summary>
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

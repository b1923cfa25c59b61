namespace Bitswap.Dag.UnixFs.Read;

/// <summary>How far a save is. Written by the save, and read by whoever wants to know, at any time.</summary>
public sealed class SaveProgress
{
    private long _bytes;
    private long _recovered;
    private long _total = -1;
    private int _files;
    private string _current = "";

    /// <summary>Bytes that are in place, fetched or found there.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Of these, the bytes that an earlier save had left and that were verified.</summary>
    public long Recovered => Interlocked.Read(ref _recovered);

    /// <summary>Bytes in all, of a directory as its links claim; null where that is not known.</summary>
    public long? Total => Interlocked.Read(ref _total) is >= 0 and long total ? total : null;

    /// <summary>Files that are whole.</summary>
    public int Files => Volatile.Read(ref _files);

    /// <summary>The file being written, by its path below what is saved; empty for that itself.</summary>
    public string Current => Volatile.Read(ref _current);

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

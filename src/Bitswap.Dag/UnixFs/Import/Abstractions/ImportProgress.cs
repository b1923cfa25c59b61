namespace Bitswap.Dag.UnixFs.Import.Abstractions;

/// <summary>How far an import is. It is written by the import's tasks and may be read from any thread.</summary>
public sealed class ImportProgress
{
    private long _bytes;
    private long _files;
    private long _totalBytes;

    /// <summary>The bytes of files that are hashed and handed on.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The files that are done.</summary>
    public long Files => Interlocked.Read(ref _files);

    /// <summary>The bytes of the files found so far; it grows while folders are read.</summary>
    public long TotalBytes => Interlocked.Read(ref _totalBytes);

    internal void AddBytes(long count) => Interlocked.Add(ref _bytes, count);

    internal void AddFile() => Interlocked.Increment(ref _files);

    internal void AddTotal(long count) => Interlocked.Add(ref _totalBytes, count);
}

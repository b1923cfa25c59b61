namespace Bitswap.Dag.UnixFs.Read;

/// <summary>A block that holds bytes of a file.</summary>
internal interface IFileBytes
{
    /// <summary>The file.</summary>
    EntryItem Owner { get; }

    /// <summary>Where in the file the bytes are.</summary>
    long DataOffset { get; }

    /// <summary>The bytes; empty where there are none.</summary>
    ReadOnlyMemory<byte> Data { get; }
}

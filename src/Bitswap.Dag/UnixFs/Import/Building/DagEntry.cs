namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>Represents a part of a graph that is written, as a link to it needs it.</summary>
/// <param name="Cid">Its root.</param>
/// <param name="FileSize">The bytes of the file in it; 0 of a directory.</param>
/// <param name="TotalSize">The bytes of its blocks, each counted as often as it is linked: a link's Tsize.</param>
internal readonly record struct DagEntry(Cid Cid, ulong FileSize, ulong TotalSize);

/// <summary>Represents what is kept of a file beside its content.</summary>
internal readonly record struct EntryAttributes(uint? Mode, UnixFsTime? Mtime)
{
    public bool IsEmpty => Mode is null && Mtime is null;
}

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>What is kept of a file beside its content.</summary>
internal readonly record struct EntryAttributes(uint? Mode, UnixFsTime? Mtime)
{
    public bool IsEmpty => Mode is null && Mtime is null;
}

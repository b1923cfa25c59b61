namespace Bitswap.Dag.UnixFs.Read;

/// <summary>What is at a path, without following a symlink that is there.</summary>
internal enum DiskEntry
{
    None = 0,
    File = 1,
    Directory = 2,
    Link = 3,
}

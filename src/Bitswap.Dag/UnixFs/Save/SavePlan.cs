namespace Bitswap.Dag.UnixFs.Save;

/// <summary>What a tree takes of a disk, as its blocks say.</summary>
/// <param name="Bytes">Bytes of all files.</param>
/// <param name="Missing">Of these, the bytes that are not on the disk already, as far as lengths tell.</param>
internal readonly record struct SavePlan(long Bytes, long Missing);

namespace Bitswap.Dag.UnixFs.Read;

/// <summary>What was saved.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Entry">What it is.</param>
/// <param name="Bytes">Bytes of all its files.</param>
/// <param name="Recovered">Of these, the bytes that an earlier save had left.</param>
/// <param name="Files">How many files.</param>
/// <param name="Directories">How many directories, itself included.</param>
/// <param name="Symlinks">How many symlinks.</param>
public sealed record SaveResult(string Path, UnixFsEntry Entry, long Bytes, long Recovered, int Files, int Directories, int Symlinks);

namespace Bitswap.Dag.UnixFs.Save;

/// <summary>An entry of a tree that is not saved, with all that is below it.</summary>
/// <param name="RelativePath">The names from what is saved down to it.</param>
/// <param name="Cid">The CID of its root block.</param>
/// <param name="ErrorId"><c>UnsafeName</c>, <c>UnsafeLink</c> or <c>UnsupportedCodec</c>.</param>
/// <param name="Message">What is wrong with it, fit to be shown.</param>
public sealed record UnsavableEntry(string RelativePath, Cid Cid, string ErrorId, string Message);

namespace Bitswap.Dag.Links;

/// <summary>A link in a block, and the name it stands under where the codec gives links names.</summary>
/// <param name="Cid">The block that the link leads to.</param>
/// <param name="Name">The name, or null.</param>
internal readonly record struct DagLink(Cid Cid, string? Name);

using System.Runtime.InteropServices;

namespace Bitswap.Graphs;

/// <summary>A link of a block, as it is shown.</summary>
/// <param name="Cid">The block it leads to.</param>
/// <param name="Name">Its name, as it stands in a path; null when it has none.</param>
/// <param name="ClaimedSize">The bytes below it, as it claims; null when it says nothing.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ShapeLink(Cid Cid, string? Name, ulong? ClaimedSize);

namespace Bitswap.Node.Files;

/// <summary>A block that the collection of unneeded blocks leaves alone.</summary>
/// <param name="Cid">The block.</param>
/// <param name="Recursive">Whether everything below it is kept as well.</param>
/// <param name="Name">What a person calls it, or null.</param>
/// <param name="Created">When it was pinned.</param>
public sealed record Pin(Cid Cid, bool Recursive, string? Name, DateTimeOffset Created);

namespace Bitswap.Protocol;

/// <summary>A block: a content identifier and the bytes that hash to it.</summary>
/// <param name="Cid">The identifier. Of a block out of a decoded message it was computed from <paramref name="Data"/>.</param>
/// <param name="Data">The bytes. They must not change once the block was handed to anybody.</param>
public readonly record struct Block(Cid Cid, ReadOnlyMemory<byte> Data);

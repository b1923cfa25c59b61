namespace Bitswap.Dag.Car;

/// <summary>A block of a CAR, verified against its CID.</summary>
/// <param name="Cid">Its CID, as the CAR has it.</param>
/// <param name="Data">The block, in memory of its own.</param>
/// <param name="Offset">Where in the file its section begins, in bytes.</param>
public readonly record struct CarBlock(Cid Cid, ReadOnlyMemory<byte> Data, long Offset);

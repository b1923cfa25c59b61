namespace Bitswap.Hostile.LongForms;

/// <summary>What a node holds at a moment.</summary>
/// <param name="Managed">Bytes that are in use, after a collection.</param>
/// <param name="Resident">Bytes of memory of its process.</param>
/// <param name="Connections">Its connections.</param>
internal sealed record MemoryReport(long Managed, long Resident, int Connections);

namespace Bitswap.Node.Abstractions;

/// <summary>A place that takes the records of IPNS names, where others find them. Thread-safe: several may be put at once.</summary>
internal interface INameTarget
{
    /// <summary>Gets its name in messages.</summary>
    string Name { get; }

    /// <summary>Puts a record there, and tells what came of it at each who was given it, as they answer.</summary>
    /// <param name="name">The name that the record is of.</param>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Ends it; those who have the record by then keep it.</param>
    /// <exception cref="BitswapException">No peer there could be given it.</exception>
    IAsyncEnumerable<NamePut> PutRecordAsync(PeerId name, ReadOnlyMemory<byte> record, CancellationToken cancellationToken);
}

/// <summary>What came of putting a record at one place.</summary>
/// <param name="Peer">The peer of the DHT; null where the place is one server.</param>
/// <param name="Refusal">Why it was not taken, in a sentence; null where it was.</param>
internal sealed record NamePut(PeerId? Peer, string? Refusal);

namespace Bitswap.Node.Abstractions;

/// <summary>A source that may know the records of IPNS names. Thread-safe: several questions may be under way at once.</summary>
internal interface INameSource
{
    /// <summary>The largest record, in bytes (specs.ipfs.tech/ipns/ipns-record, "Record Size Limit").</summary>
    const int MaxRecordSize = 10 * 1024;

    /// <summary>Gets its name in messages.</summary>
    string Name { get; }

    /// <summary>Asks for the records of a name, and gives each when it comes. None is verified: any may be forged, old or no record at all.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <exception cref="BitswapException">The source cannot be asked. What was given before stands.</exception>
    IAsyncEnumerable<ReadOnlyMemory<byte>> FindRecordsAsync(PeerId name, CancellationToken cancellationToken);
}

using Bitswap.Node.Observability;

namespace Bitswap.Node.Tracing;

/// <summary>How a trace is recorded.</summary>
public sealed record TraceOptions
{
    /// <summary>Gets the file to write; null keeps the records in memory.</summary>
    public string? Path { get; init; }

    /// <summary>Gets whether a file that is there is replaced; otherwise it is an error.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Only what concerns these peers, and the node's own wants; null for all.</summary>
    public IReadOnlyCollection<PeerId>? Peers { get; init; }

    /// <summary>Gets the kinds that are recorded.</summary>
    public ObservationKinds Kinds { get; init; } = ObservationKinds.Messages | ObservationKinds.Peers | ObservationKinds.Wants;

    /// <summary>Gets how much may wait to be written, by <see cref="NodeObservation.Weight"/>; what is over it is dropped and counted. 16 to 16 777 216.</summary>
    public int Room { get; init; } = NodeWatcher.DefaultRoom;

    /// <summary>Gets how many records a trace in memory keeps; what comes later is dropped and counted. 1 to 16 777 216.</summary>
    public int MaxRecords { get; init; } = 100_000;
}

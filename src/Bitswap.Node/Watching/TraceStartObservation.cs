namespace Bitswap.Node.Watching;

/// <summary>The head of a trace.</summary>
/// <param name="Time">When the trace was started.</param>
/// <param name="Node">The node that is traced.</param>
/// <param name="Format">The version of the form of the lines.</param>
public sealed record TraceStartObservation(DateTimeOffset Time, PeerId Node, int Format) : NodeObservation(Time);

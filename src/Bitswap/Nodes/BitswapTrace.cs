using Bitswap.Node.Tracing;
using Bitswap.Nodes;

namespace Bitswap;

/// <summary>A trace of a node: every message, to a file or kept in memory. It ends with Stop-BitswapTrace or with the node.</summary>
public sealed class BitswapTrace
{
    internal BitswapTrace(long id, BitswapNode node, TraceRecorder recorder)
    {
        Id = id;
        Node = node.Name;
        Recorder = recorder;
    }

    /// <summary>Its number in its node.</summary>
    public long Id { get; }

    /// <summary>The node that is traced.</summary>
    public string Node { get; }

    /// <summary>The file; null when the records are kept in memory.</summary>
    public string? Path => Recorder.Path;

    /// <summary>When it was started.</summary>
    public DateTimeOffset Started => Recorder.Started;

    /// <summary>Running, Stopped, or Failed when its file could not be written any more.</summary>
    public string State => Recorder.Failure is not null ? "Failed" : Recorder.Completion.IsCompleted ? "Stopped" : "Running";

    /// <summary>How many records there are.</summary>
    public long Recorded => Recorder.Recorded;

    /// <summary>How many of them are messages.</summary>
    public long Messages => Recorder.Messages;

    /// <summary>The bytes written to the file.</summary>
    public long Bytes => Recorder.Bytes;

    /// <summary>How many records were lost, since the disk or the memory allowed could not take them.</summary>
    public long Dropped => Recorder.Dropped;

    /// <summary>Why it failed; null while all is well.</summary>
    public string? Error => Recorder.Failure?.Message;

    /// <summary>The records so far of a trace in memory; empty for one that goes to a file.</summary>
    public BitswapTraceRecord[] Records => [.. Recorder.Records.Select(TraceOutput.Create)];

    /// <summary>What records.</summary>
    internal TraceRecorder Recorder { get; }

    /// <inheritdoc/>
    public override string ToString() => Path ?? $"{Node}/{Id}";
}

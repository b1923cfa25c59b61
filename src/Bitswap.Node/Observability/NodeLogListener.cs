using System.Threading.Channels;

namespace Bitswap.Node.Observability;

/// <summary>Hears what a node logs, through a bounded queue for one reader. What does not fit is dropped and counted.</summary>
/// <param name="isDetailed">Whether it also hears what is for those who look for a fault.</param>
internal sealed class NodeLogListener(bool isDetailed)
{
    private const int Room = 1024;

    private readonly Channel<NodeLogLine> _lines = Channel.CreateBounded<NodeLogLine>(new BoundedChannelOptions(Room) { SingleReader = true });
    private long _dropped;

    /// <summary>Gets whether it also hears what is for those who look for a fault.</summary>
    public bool IsDetailed => isDetailed;

    /// <summary>Lines that did not fit.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Adds a line, from any thread.</summary>
    public void Hear(NodeLogLine line)
    {
        if (!_lines.Writer.TryWrite(line))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Takes the next line; false when there is none now.</summary>
    public bool TryRead(out NodeLogLine line) => _lines.Reader.TryRead(out line);

    /// <summary>Waits for a line.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _lines.Reader.WaitToReadAsync(cancellationToken);
}

/// <summary>One line of a node's log, for who cannot know the logging library.</summary>
/// <param name="EventId">The number of its kind.</param>
/// <param name="IsDetail">Whether it is for those who look for a fault (debug, trace).</param>
/// <param name="Text">What happened.</param>
internal readonly record struct NodeLogLine(int EventId, bool IsDetail, string Text);

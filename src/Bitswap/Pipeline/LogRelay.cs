using System.Runtime.ExceptionServices;
using Bitswap.Node;
using Bitswap.Node.Observability;

namespace Bitswap.Pipeline;

/// <summary>
/// Writes what nodes log while a cmdlet works with them: to the verbose and the debug stream, on the pipeline thread and no other. What comes while that thread
/// waits is written at once, and the rest before what the cmdlet writes next.
/// </summary>
/// <remarks>
/// A write may fail, as the pipeline may be over or the reader downstream may have enough. A call that is waited for then must not be let alone: who called owns what
/// it gives. So the cmdlet's work is cancelled, the call is waited for, and the failure is thrown where the cmdlet writes next or ends.
/// </remarks>
/// <param name="sink">Where it is written.</param>
/// <param name="isVerbose">Whether the verbose stream is wanted. Where it is not, all goes to the debug stream.</param>
/// <param name="isDetailed">Whether the debug stream is wanted.</param>
/// <param name="giveUp">Cancels what the cmdlet has under way. Called when a write fails.</param>
internal sealed class LogRelay(IPipelineSink sink, bool isVerbose, bool isDetailed, Action giveUp) : IDisposable
{
    private readonly HashSet<NodeHost> _nodes = [];
    private Task<bool>? _line;
    private ExceptionDispatchInfo? _failure;
    private long _dropped;
    private bool _isWriting;

    /// <summary>Who is to be told by the nodes.</summary>
    public NodeLogListener Listener { get; } = new(isDetailed);

    /// <summary>Relays what a node logs from now on.</summary>
    public void Follow(NodeHost node)
    {
        if (_nodes.Add(node))
        {
            node.ListenToLog(Listener);
        }
    }

    /// <summary>Takes note of a node that was started with <see cref="Listener"/>.</summary>
    public void Adopt(NodeHost node) => _nodes.Add(node);

    /// <summary>Waits until a task ends, whichever way, and writes meanwhile.</summary>
    public void WriteUntil(Task task)
    {
        while (!WriteUntil(task, Timeout.InfiniteTimeSpan))
        {
        }
    }

    /// <summary>Waits for a task, but not for ever, and writes meanwhile; false when it has not ended by then.</summary>
    public bool WriteUntil(Task task, TimeSpan atMost)
    {
        Drain();

        // a line that comes ends the wait early. Who waits for the whole time asks again
        _line = _line is { IsCompleted: false } ? _line : Listener.WaitAsync(CancellationToken.None).AsTask();
        bool over = Task.WaitAny(_failure is null ? [task, _line] : [task], atMost) == 0;
        Drain();
        return over;
    }

    /// <summary>Writes what there is, waiting for nothing.</summary>
    public void Drain()
    {
        // the cmdlet asks before it writes, also when it writes what this relay hands it
        if (_failure is not null || _isWriting)
        {
            return;
        }

        _isWriting = true;
        try
        {
            while (Listener.TryRead(out NodeLogLine line))
            {
                Write(line.IsDetail, line.Text);
            }

            if (Listener.Dropped is long dropped && dropped > _dropped)
            {
                Write(false, $"{dropped - _dropped} lines of the log were left out, since they came faster than they were written.");
                _dropped = dropped;
            }
        }
        catch (Exception failure)
        {
            _failure = ExceptionDispatchInfo.Capture(failure);
            giveUp();
        }
        finally
        {
            _isWriting = false;
        }
    }

    /// <summary>Throws what a write failed with; does nothing when none has.</summary>
    public void ThrowIfFailed() => _failure?.Throw();

    /// <summary>Ends the relay: the nodes tell it nothing from then on.</summary>
    public void Dispose()
    {
        foreach (NodeHost node in _nodes)
        {
            node.UnlistenToLog(Listener);
        }

        _nodes.Clear();
    }

    private void Write(bool isDetail, string text)
    {
        if (isDetail || !isVerbose)
        {
            sink.WriteDebug(text);
        }
        else
        {
            sink.WriteVerbose(text);
        }
    }
}

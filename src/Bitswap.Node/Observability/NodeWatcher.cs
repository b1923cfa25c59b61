using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Bitswap.Node.Observability;

/// <summary>
/// An observer with a bounded queue, for one reader that takes its time. What does not fit is dropped and counted: the node never waits.
/// </summary>
public sealed class NodeWatcher : NodeObserver
{
    /// <summary>The room of a queue unless said otherwise.</summary>
    public const int DefaultRoom = 65_536;

    private readonly Channel<NodeObservation> _queue = Channel.CreateUnbounded<NodeObservation>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly Func<NodeObservation, bool>? _filter;
    private readonly int _room;
    private long _held;
    private long _dropped;

    /// <summary>Makes a watcher.</summary>
    /// <param name="kinds">What it hears of.</param>
    /// <param name="room">How much the queue holds, by <see cref="NodeObservation.Weight"/>: 16 to 16 777 216. One observation of any weight fits an empty queue.</param>
    /// <param name="filter">Which ones are kept; null keeps all. Called on the node's loop: it must return at once and not throw.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="room"/> is out of range.</exception>
    public NodeWatcher(ObservationKinds kinds, int room = DefaultRoom, Func<NodeObservation, bool>? filter = null)
        : base(kinds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(room, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(room, 16 << 20);
        _room = room;
        _filter = filter;
    }

    /// <summary>Gets how many observations did not fit.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    public override void Observe(NodeObservation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        if (_filter?.Invoke(observation) == false)
        {
            return;
        }

        long held = Interlocked.Read(ref _held);
        if (held > 0 && held + observation.Weight > _room)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        Interlocked.Add(ref _held, observation.Weight);
        _queue.Writer.TryWrite(observation);
    }

    /// <inheritdoc/>
    public override void Complete() => _queue.Writer.TryComplete();

    /// <summary>Takes the next one; false when there is none now.</summary>
    public bool TryRead([NotNullWhen(true)] out NodeObservation? observation)
    {
        if (!_queue.Reader.TryRead(out observation))
        {
            return false;
        }

        Interlocked.Add(ref _held, -observation.Weight);
        return true;
    }

    /// <summary>Waits until there is one; false when none will come any more.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken = default) => _queue.Reader.WaitToReadAsync(cancellationToken);
}

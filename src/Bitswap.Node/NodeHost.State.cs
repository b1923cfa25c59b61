using Bitswap.Node.Core;
using Bitswap.Node.Observability;

namespace Bitswap.Node;

/// <content>What can be read off without waiting, and looking on.</content>
public sealed partial class NodeHost
{
    /// <summary>Gets the peers connected now; empty once the node has stopped.</summary>
    public IReadOnlyList<PeerId> ConnectedPeers => IsRunning ? [.. _network.Connections.Select(connection => connection.Peer).Distinct()] : [];

    /// <summary>Returns the stored blocks whose hash begins in a certain way.</summary>
    internal IAsyncEnumerable<StoredBlock> ListBlocksAsync(HashPrefix start, CancellationToken cancellationToken) => _store.ListAsync(start, cancellationToken);

    /// <summary>Gets the engine's clock, by which snapshots tell times.</summary>
    public TimeSpan EngineTime => _loop.Now;

    /// <summary>Gets the clock that it was given.</summary>
    internal TimeProvider Clock => _options.Clock;

    /// <summary>Lets an observer look on until it is taken away or the node ends; then its <see cref="NodeObserver.Complete"/> is called.</summary>
    public void Watch(NodeObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        _loop.Watch.Add(observer);
    }

    /// <summary>Tells an observer of the peers that were there before it, on the loop as everything else.</summary>
    internal void Introduce(NodeObserver observer) =>
        _actions.Track(_loop.PostAsync((engine, _) =>
        {
            foreach (EnginePeer peer in engine.Peers())
            {
                observer.Observe(new PeerObservation(_options.Clock.GetUtcNow(), peer.Peer, peer.Version));
            }
        }).AsTask());

    /// <summary>Lets a listener hear what is logged from now on.</summary>
    internal void ListenToLog(NodeLogListener listener) => _listeners.Add(listener);

    /// <summary>Takes a listener away.</summary>
    internal void UnlistenToLog(NodeLogListener listener) => _listeners.Remove(listener);

    /// <summary>Takes an observer away; one that does not look on is ignored.</summary>
    public void Unwatch(NodeObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        _loop.Watch.Remove(observer);
    }

    /// <summary>Takes an observer away once it has heard of what the node was doing: a message that a peer has already counts as sent.</summary>
    internal async Task FinishWatchingAsync(NodeObserver observer)
    {
        // The loop tells observers of a message after it has handed it over.
        TaskCompletionSource isPast = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (await _loop.PostAsync((_, _) => isPast.TrySetResult()).ConfigureAwait(false))
        {
            await isPast.Task.ConfigureAwait(false);
        }

        Unwatch(observer);
    }

    /// <summary>Gets the connections as they are.</summary>
    internal IReadOnlyList<PeerConnectionInfo> Connections => IsRunning ? _network.Connections : [];
}

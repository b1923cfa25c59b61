using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Node.Core;

namespace Bitswap.Node.Networks.Memory;

/// <summary>One node's place on a <see cref="MemoryNetwork"/>.</summary>
internal sealed class MemoryPeer(MemoryNetwork network, PeerId id, Multiaddr address) : IPeerNetwork
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, MemoryConnection> _connections = [];
    private readonly RunningTasks _handlers = new();
    private readonly CancellationTokenSource _stopping = new();

    // Of one lock with what comes and goes, so that no lease begins while a line is being cut.
    private readonly ConnectionLeases _leases = new(peer => network.HangUp(id, peer, "It is not used any more."), network.Events);
    private IPeerNetworkHandler? _handler;
    private MessageOptions _messages = new() { Protocols = [] };

    /// <inheritdoc/>
    public PeerId PeerId => id;

    /// <inheritdoc/>
    public IReadOnlyList<Multiaddr> Addresses => _handler is null ? [] : [address];

    /// <inheritdoc/>
    public IReadOnlyList<PeerConnectionInfo> Connections
    {
        get
        {
            lock (_lock)
            {
                return [.. _connections.Values.Select(connection => connection.Info)];
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask StartAsync(IPeerNetworkHandler handler, MessageOptions messages, CancellationToken cancellationToken)
    {
        _messages = messages;
        _handler = handler;
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<PeerId> ConnectAsync(IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
    {
        MemoryPeer other = Named(addresses);
        using ConnectionLease lease = _leases.Take(other.PeerId);
        await ReachAsync(other, addresses, cancellationToken).ConfigureAwait(false);
        _leases.Keep(other.PeerId);
        return other.PeerId;
    }

    /// <inheritdoc/>
    public async ValueTask<ConnectionLease> LeaseAsync(PeerId peer, IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
    {
        EnsureRunning();
        ConnectionLease lease = _leases.Take(peer);
        try
        {
            if (!IsConnected(peer))
            {
                await ReachAsync(Named(addresses), addresses, cancellationToken).ConfigureAwait(false);
            }

            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> KeepAsync(PeerId peer)
    {
        lock (network.Events)
        {
            _leases.Keep(peer);
            return ValueTask.FromResult(IsConnected(peer));
        }
    }

    private bool IsConnected(PeerId peer)
    {
        lock (_lock)
        {
            return _connections.ContainsKey(peer);
        }
    }

    private MemoryPeer Named(IReadOnlyList<Multiaddr> addresses)
    {
        EnsureRunning();
        return addresses.Select(candidate => candidate.PeerId).OfType<PeerId>().Select(network.Find).FirstOrDefault(peer => peer is { _handler: not null })
            ?? throw Unreachable(addresses);
    }

    // The caller has a lease.
    private async ValueTask ReachAsync(MemoryPeer other, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellationToken)
    {
        // SYN and its answer
        await RoundTripAsync(other.PeerId, cancellationToken).ConfigureAwait(false);
        lock (network.Events)
        {
            EnsureRunning();
            if (!network.CanReach(id, other.PeerId) || network.Find(other.PeerId) != other)
            {
                throw Unreachable(addresses);
            }

            if (Join(other, isInbound: false))
            {
                _leases.Opened(other.PeerId, static () => true);
                other.Join(this, isInbound: true);
                _handler!.PeerConnected(other.PeerId);
                other._handler!.PeerConnected(id);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisconnectAsync(PeerId peer, string reason, CancellationToken cancellationToken)
    {
        network.HangUp(id, peer, reason);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<IPeerStream> OpenStreamAsync(PeerId peer, IReadOnlyList<string> protocols, CancellationToken cancellationToken)
    {
        EnsureRunning();
        MemoryConnection connection = FindConnection(peer);
        await RoundTripAsync(peer, cancellationToken).ConfigureAwait(false);
        string? protocol = protocols.FirstOrDefault(connection.Other._messages.Protocols.Contains);
        if (protocol is null)
        {
            throw new BitswapException(NodeErrorIds.ProtocolNotSupported, $"{peer} speaks none of {string.Join(", ", protocols)}.", "Connect to a peer that does.", peer);
        }

        MemoryPipe there = new(network.LineOf(id, peer));
        MemoryPipe back = new(network.LineOf(peer, id));
        MemoryByteStream ours = new(back, there);
        connection.Add(ours);
        connection.Other.Serve(id, protocol, new MemoryByteStream(there, back));
        return new FramedStream(peer, protocol, ours, _messages);
    }

    /// <inheritdoc/>
    public async ValueTask<TimeSpan> PingAsync(PeerId peer, CancellationToken cancellationToken)
    {
        EnsureRunning();
        FindConnection(peer);
        long start = network.Options.Clock.GetTimestamp();
        await RoundTripAsync(peer, cancellationToken, answered: !network.IsSilent(peer)).ConfigureAwait(false);
        if (network.LineOf(id, peer).LosesNext() || network.LineOf(peer, id).LosesNext())
        {
            throw new BitswapException(NodeErrorIds.StreamReset, $"The ping to {peer} was lost.", "Ask again.", peer);
        }

        return network.Options.Clock.GetElapsedTime(start);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        // No peer connects between the last line's end and this one's.
        lock (network.Events)
        {
            PeerId[] others;
            lock (_lock)
            {
                others = [.. _connections.Keys];
            }

            foreach (PeerId other in others)
            {
                network.HangUp(id, other, "The node stops.");
            }

            network.Remove(id);
        }

        await _handlers.WhenAllAsync().ConfigureAwait(false);
    }

    /// <summary>Takes away this end of the line to another peer; null where there is none.</summary>
    internal MemoryConnection? Detach(MemoryPeer other)
    {
        lock (_lock)
        {
            return _connections.Remove(other.PeerId, out MemoryConnection? connection) ? connection : null;
        }
    }

    /// <summary>Ends what went over a detached line, and tells of it.</summary>
    internal void Dropped(MemoryConnection? connection, ConnectionEnd end)
    {
        if (connection is not null)
        {
            connection.ResetAll();
            _handler!.PeerDisconnected(connection.Other.PeerId, end);
        }
    }

    private bool Join(MemoryPeer other, bool isInbound)
    {
        lock (_lock)
        {
            return _connections.TryAdd(
                other.PeerId,
                new MemoryConnection(
                    other,
                    new PeerConnectionInfo(other.PeerId, other.Addresses[0], isInbound, network.Options.Clock.GetUtcNow(), "memory", other._messages.Protocols, RoundTrip(other.PeerId))));
        }
    }

    private void Serve(PeerId peer, string protocol, MemoryByteStream bytes)
    {
        FindConnection(peer).Add(bytes);
        FramedStream stream = new(peer, protocol, bytes, _messages);
        _handlers.Track(Task.Run(async () =>
        {
            await using (stream.ConfigureAwait(false))
            {
                await _handler!.HandleStreamAsync(stream, _stopping.Token).ConfigureAwait(false);
            }
        }));
    }

    private MemoryConnection FindConnection(PeerId peer)
    {
        lock (_lock)
        {
            return _connections.GetValueOrDefault(peer) ?? throw NodeErrors.PeerNotConnected(peer);
        }
    }

    private TimeSpan RoundTrip(PeerId peer) => network.LineOf(id, peer).Latency + network.LineOf(peer, id).Latency;

    // One that is not answered lasts until a side gives up.
    private async ValueTask RoundTripAsync(PeerId peer, CancellationToken cancellationToken, bool answered = true)
    {
        TimeSpan time = answered ? RoundTrip(peer) : Timeout.InfiniteTimeSpan;
        if (time == TimeSpan.Zero)
        {
            return;
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        try
        {
            await Task.Delay(time, network.Options.Clock, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw NodeErrors.Stopped();
        }
    }

    private static BitswapException Unreachable(IReadOnlyList<Multiaddr> addresses)
    {
        string tried = string.Join(", ", addresses);
        return new BitswapException(
            NodeErrorIds.PeerUnreachable, $"Nothing answers at {tried}.", "Start the peer on the same test network first, and see that no partition is between the two.", tried);
    }

    private void EnsureRunning()
    {
        if (_handler is null || _stopping.IsCancellationRequested)
        {
            throw NodeErrors.Stopped();
        }
    }
}

using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Node.Core;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Peers;

/// <summary>
/// Connects to the peers that tell of themselves on the local network, when they are heard. One that is not reached, or speaks no Bitswap, is dialled again when it is heard after a wait that grows.
/// </summary>
internal sealed class LanPeers
{
    // of more, the others are heard again soon
    private const int MaxDials = 8;

    private static readonly TimeSpan _minWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _maxWait = TimeSpan.FromMinutes(10);

    private readonly PeerConnector _connector;
    private readonly IPeerDiscovery _discovery;
    private readonly RoutingOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly HashSet<PeerId> _dialling = [];
    private readonly Dictionary<PeerId, (long Failed, TimeSpan Wait)> _failures = [];
    private readonly RunningTasks _running = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="connector">Dials.</param>
    /// <param name="discovery">Hears of peers; it is not started yet.</param>
    /// <param name="options">The terms of a dial.</param>
    /// <param name="clock">The clock of every wait.</param>
    /// <param name="log">Where it is told.</param>
    public LanPeers(PeerConnector connector, IPeerDiscovery discovery, RoutingOptions options, TimeProvider clock, ILogger log)
    {
        _connector = connector;
        _discovery = discovery;
        _options = options;
        _clock = clock;
        _log = log;
        discovery.Heard += Hear;
    }

    /// <summary>Gets how many dials are under way.</summary>
    public int Dials
    {
        get
        {
            lock (_lock)
            {
                return _dialling.Count;
            }
        }
    }

    /// <summary>Dials no more.</summary>
    public async Task StopAsync()
    {
        _discovery.Heard -= Hear;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WhenAllAsync().ConfigureAwait(false);
    }

    private void Hear(DiscoveredPeer peer)
    {
        if (_connector.IsLinked(peer.Peer))
        {
            return;
        }

        lock (_lock)
        {
            bool waits = _failures.TryGetValue(peer.Peer, out (long Failed, TimeSpan Wait) failure) && _clock.GetElapsedTime(failure.Failed) < failure.Wait;
            if (!waits && !_stopping.IsCancellationRequested && _dialling.Count < MaxDials && _dialling.Add(peer.Peer))
            {
                _running.Track(DialAsync(peer));
            }
        }
    }

    private async Task DialAsync(DiscoveredPeer peer)
    {
        // The discovery tells the next peer at once.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using CancellationTokenSource late = new(_options.ProviderDialTimeout, _clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stopping.Token);
        string? problem;
        try
        {
            using ConnectionLease lease = await _connector.LeaseAsync(peer.Peer, peer.Addresses, _options.TermsOf(peer.Source), either.Token).ConfigureAwait(false);
            problem = await _connector.KeepIfBitswapAsync(peer.Peer, either.Token).ConfigureAwait(false) ? null : "it speaks no Bitswap version that the node does";
        }
        catch (BitswapException failure)
        {
            problem = failure.Message;
        }
        catch (OperationCanceledException)
        {
            problem = $"it did not answer within {NodeErrors.Seconds(_options.ProviderDialTimeout)}";
        }

        Note(peer.Peer, problem);
    }

    private void Note(PeerId peer, string? problem)
    {
        TimeSpan wait;
        lock (_lock)
        {
            _dialling.Remove(peer);
            if (problem is null)
            {
                _failures.Remove(peer);
                _log.LanPeerConnected(peer);
                return;
            }

            TimeSpan before = _failures.GetValueOrDefault(peer).Wait;
            wait = before == TimeSpan.Zero ? _minWait : before + before < _maxWait ? before + before : _maxWait;
            _failures[peer] = (_clock.GetTimestamp(), wait);
            if (_failures.Count > _options.MaxDiscoveredPeers)
            {
                _failures.Remove(_failures.MinBy(pair => pair.Value.Failed).Key);
            }
        }

        if (!_stopping.IsCancellationRequested)
        {
            _log.LanPeerFailed(peer, wait, problem);
        }
    }
}

using Bitswap.Node.Core;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Peers;

/// <summary>Dials the peers that a node was told to keep, and dials them again whenever they are lost.</summary>
internal sealed class PeerKeeper(PeerConnector connector, IReadOnlyList<Multiaddr> addresses, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan _initialWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _maxWait = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, Multiaddr[]> _kept = addresses
        .GroupBy(address => address.PeerId ?? throw new ArgumentException($"The address {address} of a peer to keep must end with /p2p/ and its id.", nameof(addresses)))
        .ToDictionary(group => group.Key, group => group.ToArray());

    private readonly HashSet<PeerId> _dialling = [];
    private readonly RunningTasks _running = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Dials them all.</summary>
    public void Start()
    {
        foreach (PeerId peer in _kept.Keys.ToArray())
        {
            PeerLeft(peer);
        }
    }

    /// <summary>A peer is gone; if it is one to keep, it is dialled until it is back.</summary>
    public void PeerLeft(PeerId peer)
    {
        lock (_lock)
        {
            if (!_stopping.IsCancellationRequested && _kept.ContainsKey(peer) && _dialling.Add(peer))
            {
                _running.Track(DialAsync(peer));
            }
        }
    }

    /// <summary>Returns whether a peer is one to keep.</summary>
    public bool Keeps(PeerId peer) => AddressesOf(peer) is not null;

    /// <summary>Keeps a peer no longer.</summary>
    public void Forget(PeerId peer)
    {
        lock (_lock)
        {
            _kept.Remove(peer);
        }
    }

    /// <summary>Dials no more.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WhenAllAsync().ConfigureAwait(false);
    }

    private async Task DialAsync(PeerId peer)
    {
        // The caller that told of the loss is in the middle of its own work.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TimeSpan wait = _initialWait;
        bool reached = false;
        try
        {
            while (AddressesOf(peer) is { } known)
            {
                try
                {
                    await connector.ConnectAsync(known, null, _stopping.Token).ConfigureAwait(false);
                    reached = true;
                    return;
                }
                catch (BitswapException failure) when (failure.ErrorId != NodeErrorIds.NodeStopped)
                {
                    log.KeepFailed(peer.ToString(), wait, failure.Message);
                }

                await Task.Delay(wait, clock, _stopping.Token).ConfigureAwait(false);
                wait = wait + wait < _maxWait ? wait + wait : _maxWait;
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node is stopping.
        }
        finally
        {
            lock (_lock)
            {
                _dialling.Remove(peer);
            }

            // Lost again while it still counted as being dialled, when the word of it was not heeded.
            if (reached && !connector.IsLinked(peer))
            {
                PeerLeft(peer);
            }
        }
    }

    private Multiaddr[]? AddressesOf(PeerId peer)
    {
        lock (_lock)
        {
            return _kept.GetValueOrDefault(peer);
        }
    }
}

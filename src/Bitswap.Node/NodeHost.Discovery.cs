using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Protocols.Mdns;
using Bitswap.Node.Peers;

namespace Bitswap.Node;

/// <content>Peers on the local network.</content>
public sealed partial class NodeHost
{
    // what one search keeps until its caller takes it; of more, the oldest is lost, and heard again
    private const int MaxHeard = 1024;

    // one peer is heard on several interfaces, one soon after the other
    private static readonly TimeSpan _hearTime = TimeSpan.FromMilliseconds(250);

    private IPeerDiscovery? _discovery;
    private LanPeers? _lanPeers;

    /// <summary>Gets what keeps the node from looking for peers on the local network, a line for each interface; empty where it does, and where it was not told to.</summary>
    internal IReadOnlyList<string> DiscoveryProblems => _discovery?.Problems ?? [];

    /// <summary>Gets the names of the network interfaces on which it looks for peers by itself.</summary>
    internal IReadOnlyList<string> DiscoveryInterfaces => _discovery?.Interfaces ?? [];

    /// <summary>Gets whether it was told to look for peers on loopback interfaces alone.</summary>
    internal bool IsDiscoveryMachineOnly => _discovery?.IsMachineOnly == true;

    /// <summary>Gets how many peers that were heard on the local network are being dialled.</summary>
    internal int LanDials => _lanPeers?.Dials ?? 0;

    /// <summary>
    /// Looks for peers on the local network, also where the node was not told to: then it asks who is there, and tells nothing of itself. Each peer comes once; those that are known already come first.
    /// None is connected to for that.
    /// </summary>
    /// <param name="time">How long; null until the caller gives up.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BitswapException">From the enumeration: DiscoveryFailed, NodeStopped.</exception>
    internal async IAsyncEnumerable<FoundPeer> FindPeersAsync(TimeSpan? time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        EnsureRunning();
        if (_network.Lan is not { } lan)
        {
            throw NodeErrors.NoLocalNetwork();
        }

        using CancellationTokenSource over = new(time ?? Timeout.InfiniteTimeSpan, _options.Clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancellationToken);
        Channel<DiscoveredPeer> heard = Channel.CreateBounded<DiscoveredPeer>(new BoundedChannelOptions(MaxHeard) { FullMode = BoundedChannelFullMode.DropOldest });
        IPeerDiscovery discovery = _discovery ?? lan(DiscoveryOptions() with { Announce = false });
        void Hear(DiscoveredPeer peer) => heard.Writer.TryWrite(peer);
        discovery.Heard += Hear;
        try
        {
            if (discovery != _discovery)
            {
                discovery.Start();
            }

            if (discovery.Interfaces.Count == 0)
            {
                throw NodeErrors.DiscoveryFailed(discovery.Problems);
            }

            HashSet<PeerId> told = [];
            Dictionary<PeerId, DiscoveredPeer> next = discovery.Peers.ToDictionary(peer => peer.Peer);
            discovery.Ask();
            for (bool isOver = false; ; isOver = !await WaitAsync().ConfigureAwait(false))
            {
                while (heard.Reader.TryRead(out DiscoveredPeer? peer))
                {
                    next[peer.Peer] = peer;
                }

                foreach (DiscoveredPeer peer in next.Values.Where(peer => told.Add(peer.Peer)))
                {
                    yield return new FoundPeer(peer.Peer, peer.Addresses, peer.Interfaces, peer.FirstSeen, peer.LastSeen, IsConnected(peer.Peer));
                }

                next.Clear();
                if (isOver)
                {
                    yield break;
                }
            }
        }
        finally
        {
            discovery.Heard -= Hear;
            if (discovery != _discovery)
            {
                await discovery.DisposeAsync().ConfigureAwait(false);
            }
        }

        async ValueTask<bool> WaitAsync()
        {
            try
            {
                await heard.Reader.WaitToReadAsync(either.Token).ConfigureAwait(false);
                await Task.Delay(_hearTime, _options.Clock, either.Token).ConfigureAwait(false);
                EnsureRunning();
                return true;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    private static void EnsureCanDiscover(RoutingOptions routing, IPeerNetwork network, string name = nameof(RoutingOptions.Discover))
    {
        if (routing.Discover != PeerDiscovery.None && network.Lan is null)
        {
            throw new ArgumentException("A network in memory has no local network on which to look for peers.", name);
        }
    }

    private MdnsOptions DiscoveryOptions() => new() { Interfaces = _options.Routing.DiscoverOn, MaxPeers = _options.Routing.MaxDiscoveredPeers };

    private void StartDiscovery()
    {
        if (_options.Routing.Discover == PeerDiscovery.None)
        {
            return;
        }

        _discovery = _network.Lan!(DiscoveryOptions());
        if (_options.Routing.DialDiscovered)
        {
            _lanPeers = new LanPeers(_connector, _discovery, _options.Routing, _options.Clock, _log);
        }

        _discovery.Start();
    }

    private async ValueTask StopDiscoveryAsync()
    {
        if (_lanPeers is not null)
        {
            await _lanPeers.StopAsync().ConfigureAwait(false);
        }

        await DisposeAsync(_discovery).ConfigureAwait(false);
    }
}

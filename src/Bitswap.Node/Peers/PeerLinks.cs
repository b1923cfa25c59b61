using Bitswap.Node.Core;
using Bitswap.Node.Engine;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Peers;

/// <summary>The links of a node, one a connected peer; hears the network and keeps the table.</summary>
internal sealed class PeerLinks(LinkOptions options, ILogger log) : IPeerNetworkHandler
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, PeerLink> _links = [];
    private readonly HashSet<Task> _ending = [];
    private Func<PeerId, PeerLink>? _create;
    private IPeerNetwork? _network;
    private bool _closed;

    /// <summary>Raised when a peer is gone, on the network's thread.</summary>
    public event Action<PeerId>? Left;

    /// <summary>Says what links are made over; once, before the network starts.</summary>
    public void Attach(IPeerNetwork network, EngineLoop loop, ByteGate gate)
    {
        _network = network;
        _create = peer => new PeerLink(peer, network, loop, gate, options, log);
    }

    /// <summary>Returns the link of a connected peer, or null.</summary>
    public PeerLink? Find(PeerId peer)
    {
        lock (_lock)
        {
            return _links.GetValueOrDefault(peer);
        }
    }

    /// <inheritdoc/>
    public void PeerConnected(PeerId peer)
    {
        lock (_lock)
        {
            if (_closed || _links.ContainsKey(peer))
            {
                return;
            }

            PeerLink link = _create!(peer);
            _links.Add(peer, link);
            link.Start(Task.WhenAll(_ending));
        }
    }

    /// <inheritdoc/>
    public void PeerChanged(PeerId peer) => Find(peer)?.ProtocolsChanged();

    /// <inheritdoc/>
    public void PeerDisconnected(PeerId peer, ConnectionEnd end)
    {
        lock (_lock)
        {
            if (!_links.Remove(peer, out PeerLink? link))
            {
                return;
            }

            End(link, end);
        }

        Left?.Invoke(peer);
    }

    /// <inheritdoc/>
    public async Task HandleStreamAsync(IPeerStream stream, CancellationToken cancellationToken)
    {
        if ((Find(stream.Peer) ?? Hurry(stream.Peer)) is { } link)
        {
            await link.HandleInboundAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            stream.Reset();
        }
    }

    /// <summary>Ends every link and takes no more.</summary>
    public Task CloseAsync()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (PeerLink link in _links.Values)
            {
                End(link, new ConnectionEnd(ByUs: true, "The node stops."));
            }

            _links.Clear();
            return Task.WhenAll(_ending);
        }
    }

    /// <summary>Returns a peer's first stream may be quicker than the word of its connection.</summary>
    private PeerLink? Hurry(PeerId peer)
    {
        PeerConnected(peer);
        if (!_network!.Connections.Any(connection => connection.Peer.Equals(peer)))
        {
            PeerDisconnected(peer, new ConnectionEnd(ByUs: false, "The connection was gone at once."));
        }

        return Find(peer);
    }

    private void End(PeerLink link, ConnectionEnd end)
    {
        link.Stop(end);
        if (link.Completion.IsCompleted)
        {
            return;
        }

        _ending.Add(link.Completion);
        _ = link.Completion.ContinueWith(
            ended =>
            {
                lock (_lock)
                {
                    _ending.Remove(ended);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }
}

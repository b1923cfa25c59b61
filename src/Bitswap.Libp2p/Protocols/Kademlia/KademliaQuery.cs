using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Represents one query: a <see cref="KademliaLookup"/> given a network and a clock. It works while its caller waits for the next answer, and has no task
/// left once it is disposed.
/// </summary>
internal sealed class KademliaQuery : IAsyncDisposable
{
    private readonly Libp2pHost _host;
    private readonly KademliaOptions _options;
    private readonly RoutingTable _table;
    private readonly ILogger _logger;
    private readonly KademliaCalls _calls;
    private readonly KademliaRequest _request;
    private readonly byte[] _frame;
    private readonly KademliaKey _target;
    private readonly CancellationToken _ct;
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _ending;
    private readonly List<Task<KademliaReply>> _asking = [];
    private bool _hasBegunAnew;
    private Libp2pException? _lastError;

    public KademliaQuery(
        Libp2pHost host,
        KademliaOptions options,
        RoutingTable table,
        ILogger logger,
        KademliaRequest request,
        byte[] key,
        IEnumerable<PeerId> excluded,
        CancellationToken ct)
    {
        _host = host;
        _options = options;
        _table = table;
        _logger = logger;
        _calls = new KademliaCalls(host, options);
        _request = request;
        _frame = KademliaCodec.EncodeRequest(request, key);
        _ct = ct;
        _target = KademliaKey.Of(key);
        Lookup = new KademliaLookup(_target, options, [host.PeerId, .. excluded]);
        foreach (KademliaPeer seed in table.Closest(_target, options.BucketSize).Concat(Connected(_target)))
        {
            Lookup.Hear(seed);
        }
        _timeout = new CancellationTokenSource(options.QueryTimeout, host.Options.Clock);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(ct, _timeout.Token);
    }

    /// <summary>Gets how far it has come.</summary>
    public KademliaLookup Lookup { get; }

    /// <summary>Gets whether its time was up: peers that had not answered by then are as if they had failed.</summary>
    public bool IsLate => _timeout.IsCancellationRequested;

    /// <summary>Waits for the next peer that answers.</summary>
    /// <returns>Its answer; null when the query is over or its time is up.</returns>
    /// <exception cref="Libp2pException">PeerUnreachable: the query is over and no peer answered. NodeStopped.</exception>
    public async ValueTask<KademliaReply?> NextAsync()
    {
        while (!_timeout.IsCancellationRequested)
        {
            _ct.ThrowIfCancellationRequested();
            while (Lookup.TryNext(out KademliaPeer? peer))
            {
                _asking.Add(_calls.AskAsync(peer, _request, _frame, _ending.Token));
            }
            if (BeginAnew())
            {
                continue;
            }
            if (Lookup.IsDone)
            {
                break;
            }
            Task<KademliaReply> ended = await Task.WhenAny(_asking).ConfigureAwait(false);
            _asking.Remove(ended);
            KademliaReply reply = await ended.ConfigureAwait(false);
            if (reply.Answer is { } answer)
            {
                Lookup.Answered(reply.Peer.Id, answer.Closer);
                _table.Add(reply.Peer, reply.Proven, _host.Options.Clock.GetUtcNow());
                return reply;
            }
            _ct.ThrowIfCancellationRequested();
            Fail(reply);
        }
        KademliaLog.QueryEnded(_logger, _request, Lookup.AnsweredCount, Lookup.AskedCount, Lookup.HasConverged);
        return Lookup.AnsweredCount > 0 ? null : throw NobodyAnswered();
    }

    /// <summary>Ends what is under way, and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        // they hold no error: a reply carries it
        await Task.WhenAll(_asking).ConfigureAwait(false);
        _ending.Dispose();
        _timeout.Dispose();
    }

    private IEnumerable<KademliaPeer> Connected(KademliaKey target) => _host.AllConnections
        .Where(connection => connection.RemoteProtocols.Contains(_options.ProtocolId, StringComparer.Ordinal))
        .OrderBy(connection => KademliaKey.Of(connection.RemotePeer).DistanceTo(target))
        .Take(_options.BucketSize)
        .Select(connection => new KademliaPeer(connection.RemotePeer, [connection.RemoteAddress]));

    /// <summary>
    /// Adds the bootstrap peers and some of an earlier run, once no other is left to ask and fewer than <see cref="KademliaOptions.Resiliency"/> have answered or may still answer: a
    /// few that are silent hold no query up. Half of what is asked at one time is left for the bootstrap peers, so that those of the earlier run cost nothing where they are gone, and
    /// cannot lead astray by themselves where they lie.
    /// </summary>
    private bool BeginAnew()
    {
        if (_hasBegunAnew || Lookup.WaitingCount >= Math.Min(_options.Concurrency, _options.Resiliency - Lookup.AnsweredCount))
        {
            return false;
        }
        _hasBegunAnew = true;
        bool isNews = false;
        foreach (IGrouping<PeerId, Multiaddr> peer in _options.BootstrapPeers.GroupBy(address => address.PeerId!))
        {
            isNews |= Lookup.Hear(new KademliaPeer(peer.Key, [.. peer.Distinct()]));
        }
        foreach (KademliaPeer peer in _table.Remembered(_target, (_options.Concurrency + 1) / 2))
        {
            isNews |= Lookup.Hear(peer);
        }
        return isNews;
    }

    private void Fail(KademliaReply reply)
    {
        Lookup.Failed(reply.Peer.Id);
        if (reply.Error is not Libp2pException error)
        {
            // the query's own time is up
            return;
        }
        if (error.ErrorId == Libp2pErrorIds.NodeStopped)
        {
            throw error;
        }
        _lastError = error;
        KademliaLog.PeerFailed(_logger, reply.Peer.Id.ToString(), error);
        if (error.ErrorId != Libp2pErrorIds.LimitExceeded)
        {
            // a limit of this host is no fault of the peer
            _table.Remove(reply.Peer.Id);
        }
    }

    private Libp2pException NobodyAnswered() => Lookup.AskedCount == 0
        ? new Libp2pException(
            Libp2pErrorIds.PeerUnreachable,
            $"No peer of the DHT {_options.ProtocolId} is known: name one in {nameof(KademliaOptions.BootstrapPeers)}, or connect to one.")
        : new Libp2pException(
            Libp2pErrorIds.PeerUnreachable,
            $"None of the {Lookup.AskedCount} peers of the DHT {_options.ProtocolId} that were asked answered; the last: {_lastError?.Message ?? "no answer in time"}",
            _lastError);
}

using Bitswap.Node;

namespace Bitswap.Live;

/// <summary>Looks at one node again and again, and makes rates of the differences.</summary>
internal sealed class NodeSampler(BitswapNode node, TimeProvider clock)
{
    /// <summary>How many rates are kept for the screen.</summary>
    public const int History = 40;

    // a longer list is no more to look at, and costs the node's loop time to copy out
    private const int MaxListedWants = 4096;

    // what was served last longer ago is over, or stalls for good
    private static readonly TimeSpan _recent = TimeSpan.FromMinutes(1);
    private readonly Queue<double> _received = new(History);
    private readonly Queue<double> _sent = new(History);
    private Dictionary<PeerId, (long Received, long Sent)> _ledgers = [];
    private EngineStat? _last;
    private long _lastTime;

    /// <summary>The node.</summary>
    public BitswapNode Node => node;

    /// <summary>Takes a sample.</summary>
    /// <param name="whole">Whether peers and wants are listed too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<NodeFrame> LookAsync(bool whole, CancellationToken cancellationToken)
    {
        NodeStat stat = await node.Host.GetStatAsync(cancellationToken).ConfigureAwait(false);
        EngineStat engine = stat.Engine;
        long now = clock.GetTimestamp();
        double seconds = _last is null ? 0 : clock.GetElapsedTime(_lastTime, now).TotalSeconds;
        double received = Rate(engine.BytesReceived - (_last?.BytesReceived ?? 0), seconds);
        double sent = Rate(engine.BytesSent - (_last?.BytesSent ?? 0), seconds);
        if (_last is not null)
        {
            Keep(_received, received);
            Keep(_sent, sent);
        }

        IReadOnlyList<PeerSnapshot> connected = whole ? await node.Host.GetPeersAsync(cancellationToken).ConfigureAwait(false) : [];
        IReadOnlyList<WantRow> wants = whole && engine.Wants is > 0 and <= MaxListedWants
            ? WantsOf(await node.Host.GetWantlistAsync(cancellationToken).ConfigureAwait(false))
            : [];
        _last = engine;
        _lastTime = now;
        return new NodeFrame
        {
            Name = node.Name,
            PeerId = node.PeerId,
            Address = node.DialAddresses.Count > 0 ? node.DialAddresses[0].WithoutPeerId().ToString() : null,
            ReceivedRates = [.. _received],
            SentRates = [.. _sent],
            Peers = PeersOf(connected, seconds),
            Served = ServedOf(connected),
            Wants = wants,
            Sample = new BitswapNodeSample
            {
                Time = clock.GetLocalNow(),
                Node = node.Name,
                Uptime = stat.Uptime,
                Peers = stat.Connections,
                Wants = engine.Wants,
                ReceivedPerSecond = received,
                SentPerSecond = sent,
                BytesReceived = engine.BytesReceived,
                BytesSent = engine.BytesSent,
                BlocksReceived = engine.BlocksReceived,
                BlocksSent = engine.BlocksSent,
                DuplicateBytes = engine.DuplicateBytes,
            },
        };
    }

    private static void Keep(Queue<double> rates, double rate)
    {
        if (rates.Count == History)
        {
            rates.Dequeue();
        }

        rates.Enqueue(rate);
    }

    private static double Rate(long bytes, double seconds) => seconds > 0 ? Math.Max(bytes, 0) / seconds : 0;

    private PeerRow[] PeersOf(IReadOnlyList<PeerSnapshot> snapshots, double seconds)
    {
        Dictionary<PeerId, (long Received, long Sent)> ledgers = [];
        List<PeerRow> rows = [];
        foreach (PeerSnapshot snapshot in snapshots)
        {
            (long Received, long Sent) total = (snapshot.Ledger?.BytesReceived ?? 0, snapshot.Ledger?.BytesSent ?? 0);

            // one that was not there at the last look has no pace yet
            (long Received, long Sent) before = _ledgers.TryGetValue(snapshot.Peer, out (long Received, long Sent) known) ? known : total;
            ledgers[snapshot.Peer] = total;
            rows.Add(new PeerRow(
                snapshot.Peer.ToString(),
                snapshot.Connection.IsInbound,
                Display.Name(snapshot.Connection.Agent),
                snapshot.Connection.Latency,
                Rate(total.Received - before.Received, seconds),
                Rate(total.Sent - before.Sent, seconds),
                total.Received,
                total.Sent));
        }

        _ledgers = ledgers;
        return
        [
            .. rows.OrderByDescending(row => row.ReceivedPerSecond + row.SentPerSecond).ThenByDescending(row => row.Received + row.Sent)
                .ThenBy(row => row.Peer, StringComparer.Ordinal),
        ];
    }

    private ServedRow[] ServedOf(IReadOnlyList<PeerSnapshot> snapshots)
    {
        DateTimeOffset now = clock.GetUtcNow();
        return
        [
            .. snapshots.SelectMany(snapshot => snapshot.Fetching.Select(graph => (snapshot.Peer, Graph: graph)))
                .Where(served => now - served.Graph.LastSent < _recent)
                .OrderByDescending(served => served.Graph.Started)
                .Select(served => new ServedRow(
                    served.Peer.ToString(),
                    node.Host.Pins.Find(served.Graph.Root)?.Name ?? served.Graph.Root.ToString(),
                    served.Graph.BytesSent,
                    served.Graph.TotalBytes,
                    now > served.Graph.LastSent ? now - served.Graph.LastSent : TimeSpan.Zero)),
        ];
    }

    private WantRow[] WantsOf(IReadOnlyList<WantlistItem> items)
    {
        TimeSpan now = node.Host.EngineTime;
        return
        [
            .. items.OrderBy(item => item.Since).Select(item => new WantRow(
                item.Cid.ToString(),
                item.Type.ToString(),
                item.State.ToString(),
                now > item.Since ? now - item.Since : TimeSpan.Zero,
                item.Answers.Count,
                item.Answers.Count(answer => answer.Kind is PeerAnswerKind.DontHave or PeerAnswerKind.Silent or PeerAnswerKind.HungUp))),
        ];
    }
}

using System.Diagnostics.Metrics;
using Bitswap.Protocol;

namespace Bitswap.Node.Observability;

/// <summary>
/// The meter <c>Bitswap</c>, its instruments named as boxo names its metrics, so that a dashboard made for one reads the other. Each measurement
/// carries the tag <c>node</c>, the node's peer id. Nothing is measured without a listener. Called on the loop.
/// </summary>
internal sealed class NodeMeters(PeerId? node)
{
    private static readonly Meter _meter = new("Bitswap", typeof(NodeMeters).Assembly.GetName().Version?.ToString(3));

    private static readonly Histogram<long> _received = Bytes("ipfs_bitswap_recv_all_blocks_bytes", "Bytes of each block received.");
    private static readonly Histogram<long> _duplicates = Bytes("ipfs_bitswap_recv_dup_blocks_bytes", "Bytes of each block received again.");
    private static readonly Histogram<long> _sent = Bytes("ipfs_bitswap_sent_all_blocks_bytes", "Bytes of each block sent.");
    private static readonly Histogram<double> _sendTimes = _meter.CreateHistogram<double>("ipfs_bitswap_send_times", "s", "How long messages take to be sent.");

    // In boxo's order: two of the client, then the server's queues.
    private static readonly (UpDownCounter<long> Instrument, Func<EngineStat, long> Read)[] _levels =
    [
        (Level("ipfs_bitswap_wantlist_total", "Blocks wanted."), static stat => stat.Wants),
        (Level("ipfs_bitswap_want_blocks_total", "Of the blocks wanted, those that a peer is being asked for."), static stat => stat.AskedBlocks),
        (Level("ipfs_bitswap_pending_tasks", "Answers to peers that are queued."), static stat => stat.QueuedReplies),
        (Level("ipfs_bitswap_active_tasks", "Blocks for peers that are being read or sent."), static stat => stat.ActiveReplies),
        (Level("ipfs_bitswap_pending_block_tasks", "CIDs that the store is yet to be asked about."), static stat => stat.QueuedLookups),
        (Level("ipfs_bitswap_active_block_tasks", "Requests that the store has not answered."), static stat => stat.StoreRequests),
    ];

    private readonly KeyValuePair<string, object?> _tag = new("node", node?.ToString());

    // What was told of each level; 0 again without a listener, so that one that comes later hears it all.
    private readonly long[] _told = new long[_levels.Length];

    /// <summary>A message was taken in.</summary>
    /// <param name="message">The message.</param>
    /// <param name="duplicateBlocks">How many of its blocks had come before.</param>
    /// <param name="duplicateBytes">Their bytes together.</param>
    public void Received(BitswapMessage message, long duplicateBlocks, long duplicateBytes)
    {
        if (_received.Enabled)
        {
            foreach (Block block in message.Blocks)
            {
                _received.Record(block.Data.Length, _tag);
            }
        }

        if (_duplicates.Enabled)
        {
            // Which of a message's blocks had come before is not told: several count at their mean, so that count and sum are right.
            for (long left = duplicateBlocks; left > 0; left--)
            {
                long share = duplicateBytes / left;
                duplicateBytes -= share;
                _duplicates.Record(share, _tag);
            }
        }
    }

    /// <summary>A message was sent.</summary>
    public void Sent(BitswapMessage message, TimeSpan took)
    {
        if (_sendTimes.Enabled)
        {
            _sendTimes.Record(took.TotalSeconds, _tag);
        }

        if (_sent.Enabled)
        {
            foreach (Block block in message.Blocks)
            {
                _sent.Record(block.Data.Length, _tag);
            }
        }
    }

    /// <summary>The engine has settled: tells what has changed of how much it holds.</summary>
    public void Settled(BitswapEngine engine)
    {
        EngineStat? stat = null;
        for (int i = 0; i < _levels.Length; i++)
        {
            (UpDownCounter<long> instrument, Func<EngineStat, long> read) = _levels[i];
            if (!instrument.Enabled)
            {
                _told[i] = 0;
                continue;
            }

            stat ??= engine.Stat();
            Tell(i, read(stat));
        }
    }

    /// <summary>The node has ended and holds nothing.</summary>
    public void End()
    {
        for (int i = 0; i < _levels.Length; i++)
        {
            Tell(i, 0);
        }
    }

    private static Histogram<long> Bytes(string name, string description) => _meter.CreateHistogram<long>(
        name,
        "By",
        description,
        advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1 << 6, 1 << 10, 1 << 14, 1 << 18, (1 << 18) + 15, 1 << 22] });

    private static UpDownCounter<long> Level(string name, string description) => _meter.CreateUpDownCounter<long>(name, null, description);

    private void Tell(int level, long value)
    {
        if (value != _told[level])
        {
            _levels[level].Instrument.Add(value - _told[level], _tag);
            _told[level] = value;
        }
    }
}

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>
/// Engines joined by lines with latency and bandwidth, on a clock of its own. Runs are repeated by their seed: everything random comes from it.
/// </summary>
internal sealed class SimNetwork(ulong seed)
{
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private readonly Dictionary<PeerId, SimNode> _nodes = [];
    private readonly HashSet<(PeerId, PeerId)> _connected = [];
    private long _order;

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(1);

    public ulong Seed => seed;

    public IReadOnlyCollection<SimNode> Nodes => _nodes.Values;

    /// <summary>Bytes of blocks that arrived, by sender and receiver.</summary>
    public Dictionary<(PeerId From, PeerId To), long> BlockBytes { get; } = [];

    public Dictionary<(PeerId From, PeerId To), int> Blocks { get; } = [];

    /// <summary>Blocks that were reported sent and never arrived: their line was cut meanwhile, or the sender is mute.</summary>
    public Dictionary<(PeerId From, PeerId To), (int Blocks, long Bytes)> Lost { get; } = [];

    public void WasLost(PeerId from, PeerId to, BitswapMessage message)
    {
        (int blocks, long bytes) = Lost.GetValueOrDefault((from, to));
        Lost[(from, to)] = (blocks + message.Blocks.Count, bytes + message.Blocks.Sum(b => (long)b.Data.Length));
    }

    /// <summary>Does something again and again.</summary>
    public void Every(TimeSpan interval, Action action)
    {
        At(Now + interval, Again);

        void Again()
        {
            action();
            At(Now + interval, Again);
        }
    }

    public SimNode Add(int number, EngineOptions? options = null, double uploadRate = 0, double downloadRate = 0)
    {
        var node = new SimNode(this, TestData.Peer(number), options ?? EngineOptions.Default, seed + (ulong)number)
        {
            UploadRate = uploadRate,
            DownloadRate = downloadRate,
        };
        _nodes.Add(node.Id, node);
        return node;
    }

    public void At(TimeSpan at, Action action) => _events.Enqueue(action, (at < Now ? Now : at, _order++));

    public void Connect(SimNode a, SimNode b, double latencySeconds = 0.01, BitswapVersion version = BitswapVersion.V120)
    {
        _connected.Add((a.Id, b.Id));
        _connected.Add((b.Id, a.Id));
        a.Connected(b.Id, latencySeconds, version);
        b.Connected(a.Id, latencySeconds, version);
    }

    public void Disconnect(SimNode a, SimNode b)
    {
        _connected.Remove((a.Id, b.Id));
        _connected.Remove((b.Id, a.Id));
        a.Disconnected(b.Id);
        b.Disconnected(a.Id);
    }

    public bool AreConnected(PeerId a, PeerId b) => _connected.Contains((a, b));

    public SimNode Node(PeerId id) => _nodes[id];

    public void Delivered(PeerId from, PeerId to, BitswapMessage message)
    {
        foreach (Block block in message.Blocks)
        {
            BlockBytes[(from, to)] = BlockBytes.GetValueOrDefault((from, to)) + block.Data.Length;
            Blocks[(from, to)] = Blocks.GetValueOrDefault((from, to)) + 1;
        }
    }

    /// <summary>Runs until the condition holds; false when the time, or all there is to do, is up before.</summary>
    public bool RunUntil(Func<bool> done, TimeSpan limit)
    {
        TimeSpan end = Now + limit;
        while (!done())
        {
            if (!_events.TryPeek(out Action? action, out (TimeSpan At, long) key) || key.At > end)
            {
                Now = end;
                return done();
            }

            _events.Dequeue();
            Now = key.At > Now ? key.At : Now;
            action!();
        }

        return true;
    }

    public void RunFor(TimeSpan time) => RunUntil(static () => false, time);
}

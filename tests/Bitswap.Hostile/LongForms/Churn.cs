using System.Diagnostics;
using System.Text.Json;
using Bitswap.Node;
using Bitswap.Protocol;

namespace Bitswap.Hostile.LongForms;

/// <summary>
/// Peers come and go while blocks move both ways, some of them in the middle of it, and in the end the books are compared: every want has ended, what was acknowledged is what was
/// asked for, nothing is left of those that went, and the sums of both sides agree.
/// </summary>
internal sealed class Churn
{
    private const int SharedBlocks = 48;
    private const int MaxBlocks = 12;
    private static readonly TimeSpan _wantTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    private readonly NodeHost _hub;
    private readonly List<Block> _shared = [];
    private long _lives;
    private long _cut;
    private long _acknowledged;
    private long _endedWithout;
    private long _hubTook;
    private long _hubTookBytes;
    private long _hubLate;
    private long _hubLateBytes;

    private Churn(NodeHost hub) => _hub = hub;

    public static async Task<int> RunAsync(TimeSpan time, int peers, int seed)
    {
        // all ledgers are kept, so that their sum can be taken
        await using NodeHost hub = await NodeHost.StartAsync(new NodeOptions { Engine = new EngineOptions { MaxLedgers = 1 << 20 } });
        Churn churn = new(hub);
        Random random = new(seed);
        for (int i = 0; i < SharedBlocks; i++)
        {
            Block block = NewBlock(random);
            await hub.PutBlockAsync(block.Cid, block.Data);
            churn._shared.Add(block);
        }

        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, peers).Select(async i =>
        {
            Random own = new(HashCode.Combine(seed, i));
            // on a busy machine a short time may see none that lives to its end
            while (Stopwatch.GetElapsedTime(started) is var elapsed && (elapsed < time || (Interlocked.Read(ref churn._acknowledged) == 0 && elapsed < _patience)))
            {
                await churn.LiveAsync(own);
            }
        }));
        Console.WriteLine(JsonSerializer.Serialize(await churn.CloseBooksAsync()));
        return 0;
    }

    private static Block NewBlock(Random random)
    {
        byte[] data = new byte[random.Next(16, 100_000)];
        random.NextBytes(data);
        return new Block(HonestBlocks.CidOf(data), data);
    }

    // one peer from its start to its end
    private async Task LiveAsync(Random random)
    {
        Interlocked.Increment(ref _lives);
        bool isCut = random.Next(3) == 0;
        Block[] own = [.. Enumerable.Range(0, random.Next(MaxBlocks)).Select(_ => NewBlock(random))];
        Cid[] wanted = [.. Enumerable.Range(0, random.Next(MaxBlocks)).Select(_ => _shared[random.Next(_shared.Count)].Cid).Distinct()];
        TimeSpan lifetime = TimeSpan.FromMilliseconds(random.Next(200));
        NodeHost peer = await NodeHost.StartAsync(new NodeOptions());
        Task<(int Count, long Bytes)> here;
        Task<(int Count, long Bytes)> there;
        try
        {
            foreach (Block block in own)
            {
                await peer.PutBlockAsync(block.Cid, block.Data);
            }

            await peer.ConnectAsync(_hub.Addresses);
            here = TakeAsync(peer, wanted, _hub.PeerId, isHub: false);
            there = TakeAsync(_hub, [.. own.Select(block => block.Cid)], peer.PeerId, isHub: true);
            if (isCut)
            {
                Interlocked.Increment(ref _cut);
                await Task.Delay(lifetime);
            }
            else
            {
                await Task.WhenAll(here, there);
                Check(await here is var took && took.Count == wanted.Length, $"a peer that stayed got {took.Count} of {wanted.Length} blocks");
                Check(await there is var gave && gave.Count == own.Length, $"the node got {gave.Count} of {own.Length} blocks of a peer that stayed");
                await CompareAsync(peer);
            }
        }
        finally
        {
            await peer.DisposeAsync();
        }

        // of a peer that is gone every want ends, too
        await Task.WhenAll(here, there);
    }

    // gives what was acknowledged; every want ends in its time
    private async Task<(int Count, long Bytes)> TakeAsync(NodeHost node, Cid[] cids, PeerId from, bool isHub)
    {
        IReadOnlyList<NodeWant> wants = [];
        try
        {
            wants = await node.WantAsync(cids, new WantOptions { OnlyPeers = [from], Timeout = _wantTime });
        }
        catch (BitswapException stopped) when (!isHub && stopped.ErrorId == "NodeStopped")
        {
            return default;
        }

        int count = 0;
        long bytes = 0;
        foreach (NodeWant want in wants)
        {
            try
            {
                Block block = await want.Completion.WaitAsync(_patience);
                Check(HonestBlocks.CidOf(block.Data.ToArray()).Equals(want.Cid), $"{want.Cid} was acknowledged with other data");
                Interlocked.Increment(ref _acknowledged);
                count++;
                bytes += block.Data.Length;
            }
            catch (BitswapException ended) when (ended.ErrorId is "Timeout" or "NodeStopped" or "BlockUnavailable")
            {
                Interlocked.Increment(ref _endedWithout);
                if (isHub && await node.GetLocalSizeAsync(want.Cid) is { } size)
                {
                    // it came while its want ended
                    Interlocked.Increment(ref _hubLate);
                    Interlocked.Add(ref _hubLateBytes, size);
                }
            }
        }

        if (isHub)
        {
            Interlocked.Add(ref _hubTook, count);
            Interlocked.Add(ref _hubTookBytes, bytes);
        }

        return (count, bytes);
    }

    // what one has sent is what the other has received, once all is done
    private async Task CompareAsync(NodeHost peer)
    {
        string difference = "";
        bool agree = await UntilAsync(async () =>
        {
            LedgerSnapshot? atHub = (await _hub.GetLedgersAsync()).FirstOrDefault(ledger => ledger.Peer.Equals(peer.PeerId));
            LedgerSnapshot? atPeer = (await peer.GetLedgersAsync()).FirstOrDefault(ledger => ledger.Peer.Equals(_hub.PeerId));
            EngineStat twice = (await peer.GetStatAsync()).Engine;
            difference = $"{atHub} and {atPeer}";
            return atHub is not null && atPeer is not null
                && atHub.BytesReceived == atPeer.BytesSent
                && atHub.BytesSent == atPeer.BytesReceived + twice.DuplicateBytes + twice.UnwantedBytes;
        });
        Check(agree, $"the ledgers of two that exchanged blocks do not agree: {difference}");
    }

    private async Task<object> CloseBooksAsync()
    {
        NodeStat stat = await _hub.GetStatAsync();
        bool isEmpty = await UntilAsync(async () =>
        {
            stat = await _hub.GetStatAsync();
            EngineStat engine = stat.Engine;
            return (stat.Connections | engine.Peers | engine.Wants | engine.Subscriptions | engine.PeerWants | engine.QueuedReplies | engine.ActiveReplies | engine.OutstandingWants) == 0
                && engine.PendingBytes == 0 && _hub.ConnectedPeers.Count == 0 && (await _hub.GetWantlistAsync()).Count == 0;
        });
        Check(isEmpty, $"something is left of peers that are gone: {stat}");
        IReadOnlyList<LedgerSnapshot> ledgers = await _hub.GetLedgersAsync();
        Check(ledgers.All(ledger => !ledger.IsConnected), "a ledger says that its peer is connected");
        Check(ledgers.Sum(ledger => ledger.BytesSent) == stat.Engine.BytesSent, "the ledgers do not sum up to what was sent");
        Check(ledgers.Sum(ledger => ledger.BytesReceived) == stat.Engine.BytesReceived, "the ledgers do not sum up to what was received");
        Check(
            _hubTook + _hubLate == stat.Engine.BlocksReceived && _hubTookBytes + _hubLateBytes == stat.Engine.BytesReceived,
            $"of {stat.Engine.BlocksReceived} blocks received {_hubTook} were acknowledged, and {_hubLate} came while their want ended");
        return new
        {
            lives = _lives,
            cut = _cut,
            acknowledged = _acknowledged,
            endedWithout = _endedWithout,
            late = _hubLate,
            sent = stat.Engine.BytesSent,
            received = stat.Engine.BytesReceived,
            ledgers = ledgers.Count,
            memoryMiB = GC.GetTotalMemory(forceFullCollection: true) >> 20,
        };
    }

    private static async Task<bool> UntilAsync(Func<Task<bool>> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < _patience)
        {
            if (await condition())
            {
                return true;
            }

            await Task.Delay(10);
        }

        return false;
    }

    private static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"The books are wrong: {otherwise}.");
        }
    }
}

using Bitswap.Dag.DagPb;
using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Repositories;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Collecting;

/// <summary>A day of a node with a bounded repository, on a clock of its own: adds, fetches, pins, unpins, work that holds blocks, and restarts.</summary>
public sealed class StorageChurnTests
{
    private const int Max = 8 << 20;
    private const int MaxLeaf = 192 << 10;
    private const int MaxLeaves = 6;
    private const long MaxPinned = Max / 2;
    private const long MaxHeld = Max / 5;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public Task A_day_of_churn_stays_within_the_bound_and_loses_nothing_that_is_pinned_or_held() => Seeded.RunAsync(async random =>
    {
        using TempFolder folder = new();
        await using Day day = await Day.StartAsync(folder, random);
        while (day.Passed < TimeSpan.FromHours(24))
        {
            await day.StepAsync();
            await day.CheckAsync();
        }

        await day.EndAsync();
        Assert.True(day.Written > 10L * Max, $"{day.Written} bytes were written, too few to say much");
        Assert.True(day.Collected > 5L * Max, $"{day.Collected} bytes were collected of {day.Written}");
        Assert.True(day.Restarts > 2, $"{day.Restarts} restarts");
    });

    private sealed class Day(TempFolder folder, Random random, MemoryNetwork network, NodeHost provider) : IAsyncDisposable
    {
        private readonly FakeTimeProvider _clock = new();
        private readonly Dictionary<Cid, Graph> _pinned = [];
        private readonly List<(IAsyncDisposable Hold, Graph Graph)> _held = [];
        private readonly List<Graph> _loose = [];
        private NodeHost _node = null!;

        public TimeSpan Passed { get; private set; }

        public long Written { get; private set; }

        public long Collected { get; private set; }

        public int Restarts { get; private set; }

        public static async Task<Day> StartAsync(TempFolder folder, Random random)
        {
            MemoryNetwork network = new(seed: random.Next());
            NodeHost provider = await NodeHost.StartAsync(new NodeOptions { Network = network.CreatePeer(), MaxMemoryBytes = 1L << 30 });
            Day day = new(folder, random, network, provider);
            await day.OpenAsync();
            return day;
        }

        public async Task StepAsync()
        {
            TimeSpan step = TimeSpan.FromSeconds(random.Next(30, 300));
            _clock.Advance(step);
            Passed += step;
            int kind = random.Next(100);
            if (kind < 35)
            {
                await AddAsync();
            }
            else if (kind < 70)
            {
                await FetchAsync();
            }
            else if (kind < 80)
            {
                await PinAsync();
            }
            else if (kind < 88)
            {
                await UnpinAsync();
            }
            else if (kind < 97)
            {
                await LetGoAsync();
            }
            else
            {
                await RestartAsync();
            }
        }

        public async Task CheckAsync()
        {
            Assert.InRange(_node.PeakBytes(), 0, Max);
            Assert.InRange(BytesOnDisk(), 0, Max);
            foreach (Graph graph in _pinned.Values.Concat(_held.Select(held => held.Graph)))
            {
                foreach (Block block in graph.Blocks)
                {
                    Assert.Equal(block.Data.Length, await _node.Blocks.GetSizeAsync(block.Cid, default));
                }
            }
        }

        public async Task EndAsync()
        {
            foreach (Block block in _pinned.Values.SelectMany(graph => graph.Blocks))
            {
                Assert.Equal(block.Data.ToArray(), (await _node.ReadLocalAsync(block.Cid))!.Value.ToArray());
            }

            // the count is what is there
            await CloseAsync();
            (long bytes, _) = await CountAsync();
            Assert.Equal(BytesOnDisk(), bytes);
            await OpenAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await CloseAsync();
            await provider.DisposeAsync();
        }

        private async Task OpenAsync()
        {
            _node = await NodeHost.StartAsync(new NodeOptions { Path = folder.Path, Network = network.CreatePeer(), StorageMax = Max, Clock = _clock });
            await _node.ConnectAsync(provider.Addresses);
        }

        private async Task CloseAsync()
        {
            foreach ((IAsyncDisposable hold, _) in _held)
            {
                await hold.DisposeAsync();
            }

            _held.Clear();
            Collected += (await _node.GetStatAsync()).Storage!.BytesCollected;
            await _node.DisposeAsync();
        }

        private async Task RestartAsync()
        {
            await CloseAsync();
            if (random.Next(2) == 0)
            {
                // as after a kill
                File.Delete(folder[Repository.CountFileName]);
            }

            await OpenAsync();
            Restarts++;
        }

        private async Task AddAsync()
        {
            Graph graph = Make();
            GcLock hold = _node.TakeOwnGcLock();
            foreach (Block block in graph.Blocks)
            {
                await _node.PutHeldBlockAsync(block.Cid, block.Data, hold, default).AsTask().WaitAsync(_patience);
                Assert.InRange(BytesOnDisk(), 0, Max);
            }

            await SettleAsync(graph, new Held(hold));
        }

        private async Task FetchAsync()
        {
            Graph graph = Make();
            foreach (Block block in graph.Blocks)
            {
                await provider.PutBlockAsync(block.Cid, block.Data);
            }

            FetchSession session = new(_node, clock: _clock);
            foreach (Block block in graph.Blocks)
            {
                await session.ReadAsync(block.Cid).AsTask().WaitAsync(_patience);
                Assert.InRange(BytesOnDisk(), 0, Max);
            }

            foreach (Block block in graph.Blocks)
            {
                await provider.RemoveBlockAsync(block.Cid);
            }

            await SettleAsync(graph, session);
        }

        // pinned while it is held, or held on, or let go
        private async Task SettleAsync(Graph graph, IAsyncDisposable hold)
        {
            Written += graph.Bytes;
            int what = random.Next(4);
            if (what == 0 && _pinned.Values.Sum(pinned => pinned.Bytes) + graph.Bytes < MaxPinned)
            {
                await _node.PinAsync(graph.Root, recursive: true);
                _pinned[graph.Root] = graph;
            }
            else if (what == 1 && _held.Sum(held => held.Graph.Bytes) + graph.Bytes < MaxHeld)
            {
                _held.Add((hold, graph));
                return;
            }
            else
            {
                _loose.Add(graph);
            }

            await hold.DisposeAsync();
        }

        // what may be gone in part by now, which is told
        private async Task PinAsync()
        {
            if (_loose.Count == 0)
            {
                return;
            }

            Graph graph = _loose[random.Next(_loose.Count)];
            if (_pinned.Values.Sum(pinned => pinned.Bytes) + graph.Bytes >= MaxPinned)
            {
                return;
            }

            _loose.Remove(graph);
            PinResult result = (await _node.PinAsync([graph.Root], recursive: true))[0];
            if (result.Pin is not null)
            {
                _pinned[graph.Root] = graph;
            }
            else
            {
                Assert.Equal("DagIncomplete", result.Error!.ErrorId);
            }
        }

        private async Task UnpinAsync()
        {
            if (_pinned.Count > 0)
            {
                Graph graph = _pinned.Values.ElementAt(random.Next(_pinned.Count));
                Assert.True(await _node.UnpinAsync(graph.Root));
                _pinned.Remove(graph.Root);
            }
        }

        private async Task LetGoAsync()
        {
            if (_held.Count > 0)
            {
                int which = random.Next(_held.Count);
                await _held[which].Hold.DisposeAsync();
                _held.RemoveAt(which);
            }
        }

        private Graph Make()
        {
            List<Block> blocks = [];
            int leaves = random.Next(1, MaxLeaves + 1);
            for (int i = 0; i < leaves; i++)
            {
                byte[] data = random.Bytes(random.Next(1, MaxLeaf));
                blocks.Add(new Block(Cid.Compute(Multicodec.Raw, data), data));
            }

            byte[] root = new DagPbNode([.. blocks.Select(leaf => new DagPbLink(leaf.Cid, "", 0))], null).ToByteArray();
            blocks.Add(new Block(Cid.Compute(Multicodec.DagPb, root), root));
            return new Graph(blocks[^1].Cid, blocks, blocks.Sum(block => (long)block.Data.Length));
        }

        private long BytesOnDisk()
        {
            long bytes = 0;
            foreach (FileInfo file in new DirectoryInfo(folder["blocks"]).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                try
                {
                    bytes += file.Name == "SHARDING" ? 0 : file.Length;
                }
                catch (FileNotFoundException)
                {
                    // collected while it was looked at
                }
            }

            return bytes;
        }

        private async Task<(long Bytes, long Blocks)> CountAsync()
        {
            string[] counts = (await File.ReadAllLinesAsync(folder[Repository.CountFileName]))[1].Split(' ');
            return (long.Parse(counts[0], System.Globalization.CultureInfo.InvariantCulture), long.Parse(counts[1], System.Globalization.CultureInfo.InvariantCulture));
        }

        private sealed record Graph(Cid Root, IReadOnlyList<Block> Blocks, long Bytes);

        private sealed class Held(GcLock hold) : IAsyncDisposable
        {
            public ValueTask DisposeAsync()
            {
                hold.Dispose();
                return default;
            }
        }
    }
}

using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.UnixFs.Read;

public sealed class ReadAheadTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly TestGraph _graph = new();

    [Fact]
    public async Task Sibling_leaves_are_asked_for_together_and_come_in_order()
    {
        byte[] data = TestGraph.Bytes(64_000);
        Cid file = _graph.Balanced(data, 1000, 8).Cid;
        TaskCompletionSource together = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int waiting = 0;
        _graph.Before = async (cid, cancellationToken) =>
        {
            if (cid.Codec == Multiformats.Multicodec.Raw && Interlocked.Increment(ref waiting) == 8)
            {
                together.TrySetResult();
            }

            // no leaf comes before eight are asked for
            await (cid.Codec == Multiformats.Multicodec.Raw ? together.Task.WaitAsync(cancellationToken) : Task.CompletedTask);
        };

        Assert.Equal(data, await ReadAsync(file).WaitAsync(_patience));
    }

    [Fact]
    public async Task What_lies_below_the_next_node_is_asked_for_before_its_turn()
    {
        Cid file = _graph.Balanced(TestGraph.Bytes(20_000), 1000, 10).Cid;
        IAsyncEnumerator<ReadOnlyMemory<byte>> pieces = _graph.Reader().ReadAsync(file).GetAsyncEnumerator();
        await using (pieces)
        {
            // of the first node, one leaf more than the first
            Assert.True(await pieces.MoveNextAsync());
            Assert.True(await pieces.MoveNextAsync());
            Assert.Equal(20 + 2 + 1, _graph.Asked.Count);
        }
    }

    [Fact]
    public async Task What_is_ahead_stays_within_its_bytes_and_blocks()
    {
        const int Limit = 1 << 20;
        byte[] data = TestGraph.Bytes(4 << 20);
        Cid file = _graph.Balanced(data, 64 << 10, 16).Cid;
        int given = 0;
        int taken = 0;
        int most = 0;
        _graph.Before = (_, _) =>
        {
            int ahead = Interlocked.Increment(ref given) - Volatile.Read(ref taken);
            most = Math.Max(most, ahead);
            return default;
        };

        await foreach (ReadOnlyMemory<byte> piece in _graph.Reader(new ReadLimits { ReadAheadBytes = Limit }).ReadAsync(file))
        {
            Interlocked.Increment(ref taken);
            Assert.Equal(64 << 10, piece.Length);
        }

        // 16 leaves, and the inner nodes, which are never taken as pieces
        Assert.InRange(most, 8, 16 + 6);

        (given, taken, most) = (0, 0, 0);
        await foreach (ReadOnlyMemory<byte> _ in _graph.Reader(new ReadLimits { ReadAheadBlocks = 3 }).ReadAsync(file))
        {
            Interlocked.Increment(ref taken);
        }

        Assert.InRange(most, 1, 3 + 6);
    }

    [Fact]
    public async Task Blocks_that_are_larger_than_the_graph_says_do_not_fill_memory()
    {
        // eight directories of a megabyte each, whose links claim a byte
        Bitswap.Dag.DagPb.DagPbLink[] liars = [.. Enumerable.Range(0, 64).Select(i => _graph.Directory($"d{i}", _graph.Text("x", new string((char)('a' + (i % 26)), 1_000_000) + i)) with { Tsize = 1 })];
        Cid root = _graph.Directory(liars).Cid;
        WalkContext context = new(new ReadLimits { ReadAheadBytes = 1 << 20 }) { Recurse = true };
        await using ReadAhead ahead = new(new EntryItem(context, root), (item, cancellation) => _graph.Reader().FetchAsync(item.Cid, cancellation), context.Limits, CancellationToken.None);

        int items = 0;
        while (await ahead.NextAsync() is not null)
        {
            items++;
        }

        Assert.Equal(1 + 64 + 64, items);
        Assert.InRange(ahead.Peak, 1, 5 << 20);
    }

    [Fact]
    public async Task A_failure_ahead_is_told_at_its_turn_and_what_is_under_way_ends()
    {
        byte[] data = TestGraph.Bytes(8000);
        Bitswap.Dag.DagPb.DagPbLink[] leaves = [.. data.Chunk(1000).Select(chunk => _graph.Raw(chunk))];
        Cid file = _graph.File([.. leaves.Select(leaf => (leaf, 1000))]).Cid;
        _graph.Drop(leaves[3].Cid);
        int open = 0;
        _graph.Before = async (cid, cancellationToken) =>
        {
            if (cid == leaves[5].Cid)
            {
                Interlocked.Increment(ref open);
                try
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }
                finally
                {
                    Interlocked.Decrement(ref open);
                }
            }
        };

        int pieces = 0;
        await Assert.ThrowsAsync<KeyNotFoundException>(async () =>
        {
            await foreach (ReadOnlyMemory<byte> _ in _graph.Reader().ReadAsync(file))
            {
                pieces++;
            }
        }).WaitAsync(_patience);

        Assert.Equal(3, pieces);
        Assert.Contains(leaves[5].Cid, _graph.Asked);
        Assert.Equal(0, open);
    }

    [Fact]
    public async Task Blocks_that_were_read_are_let_go_of_while_later_ones_are_read()
    {
        Cid file = _graph.Balanced(TestGraph.Bytes(4 << 20), 64 << 10, 16).Cid;
        List<WeakReference> given = [];
        UnixFsReader reader = new(
            async (cid, cancellationToken) =>
            {
                byte[] own = (await _graph.ReadAsync(cid, cancellationToken)).ToArray();
                lock (given)
                {
                    given.Add(new WeakReference(own));
                }

                return own;
            },
            new ReadLimits { ReadAheadBytes = 1 << 20 });

        int pieces = 0;
        int alive = 0;
        await foreach (ReadOnlyMemory<byte> piece in reader.ReadAsync(file))
        {
            if (++pieces == 50)
            {
                GC.Collect();
                lock (given)
                {
                    alive = given.Count(block => block.IsAlive);
                }
            }
        }

        // sixteen are fetched ahead, one is in hand, and there are the nodes above them
        Assert.Equal(64, pieces);
        Assert.InRange(alive, 1, 30);
    }

    private async Task<byte[]> ReadAsync(Cid file)
    {
        using MemoryStream all = new();
        await foreach (ReadOnlyMemory<byte> piece in _graph.Reader().ReadAsync(file))
        {
            all.Write(piece.Span);
        }

        return all.ToArray();
    }
}

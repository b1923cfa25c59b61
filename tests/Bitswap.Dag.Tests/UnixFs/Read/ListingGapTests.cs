using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Tests.UnixFs.Read;

/// <summary>A listing of a graph of which not every block can be had or read.</summary>
public sealed class ListingGapTests
{
    private readonly TestGraph _graph = new();
    private readonly List<UnixFsGap> _gaps = [];

    [Fact]
    public async Task A_folder_is_listed_from_its_own_block()
    {
        DagPbLink file = _graph.Balanced(TestGraph.Bytes(100), 10, 4, "file");
        DagPbLink folder = _graph.Directory("folder", _graph.Text("x", "inner"));
        DagPbLink link = _graph.Symlink("raw", "link");
        Cid root = _graph.Directory(file, folder, link, _graph.Text("12345", "raw"), _graph.Text("1", "unsized") with { HasTsize = false }).Cid;
        foreach (DagPbLink lost in (DagPbLink[])[file, folder, link, _graph.Text("1")])
        {
            _graph.Drop(lost.Cid);
        }

        List<UnixFsEntry> entries = await ListAsync(root, recurse: false);

        Assert.Equal(["", "file", "folder", "link", "raw", "unsized"], entries.Select(entry => entry.RelativePath));
        Assert.Equal([file.Cid, folder.Cid, link.Cid], entries[1..4].Select(entry => entry.Cid));
        Assert.All(entries[1..4], entry => Assert.Equal((UnixFsEntryType.Unknown, null), (entry.Type, entry.Size)));
        Assert.Equal((UnixFsEntryType.File, 5), (entries[4].Type, entries[4].Size));
        Assert.Equal((UnixFsEntryType.File, null), (entries[5].Type, entries[5].Size));
        Assert.Equal(["file", "folder", "link", "unsized"], _gaps.Select(gap => gap.RelativePath));
        Assert.All(_gaps, gap => Assert.IsType<KeyNotFoundException>(gap.Cause));
    }

    [Fact]
    public async Task A_walk_goes_on_past_what_is_missing_or_malformed()
    {
        DagPbLink lost = _graph.Directory("lost", _graph.Text("x", "never"));
        DagPbLink bad = new(_graph.Put(Multicodec.DagPb, [1, 2, 3]), "bad", 3);
        DagPbLink shard = _graph.Shard([1], 256, [_graph.Text("x", "11x")], "shard");
        DagPbLink fine = _graph.Directory("a", _graph.Text("1", "one"));
        Cid root = _graph.Directory("", fine, bad, lost, shard, _graph.Directory("z", _graph.Text("2", "two"))).Cid;
        _graph.Drop(lost.Cid);

        List<UnixFsEntry> entries = await ListAsync(root, recurse: true);

        Assert.Equal(["", "a", "a/one", "bad", "lost", "shard", "z", "z/two"], entries.Select(entry => entry.RelativePath));
        Assert.Equal(["bad", "lost", "shard"], _gaps.Select(gap => gap.RelativePath));
        Assert.Equal([false, false, false], _gaps.Select(gap => gap.IsPart));
        Assert.Equal(UnixFsEntryType.Directory, entries[5].Type);
        Assert.Equal("InvalidHamt", Assert.IsType<DagException>(_gaps[2].Cause).ErrorId);
    }

    [Fact]
    public async Task A_sharded_folder_is_listed_without_the_shards_that_are_missing()
    {
        DagPbLink[] files = [.. Enumerable.Range(0, 2000).Select(i => _graph.Text($"{i}", $"n{i}"))];
        Cid root = _graph.Sharded(files).Cid;
        DagPbNode node = DagPbNode.Decode(await _graph.ReadAsync(root, default));
        DagPbLink[] shards = [.. node.Links.Where(link => link.Name.Length == 2)];
        Cid lost = shards[shards.Length / 2].Cid;
        int below = DagPbNode.Decode(await _graph.ReadAsync(lost, default)).Links.Count;
        _graph.Drop(lost);

        List<UnixFsEntry> entries = await ListAsync(root, recurse: true);

        UnixFsGap gap = Assert.Single(_gaps);
        Assert.Equal(("", lost, true), (gap.RelativePath, gap.Cid, gap.IsPart));
        Assert.InRange(entries.Count - 1, files.Length - (below * 4), files.Length - 2);
    }

    [Fact]
    public async Task The_root_a_limit_and_a_cancellation_end_it()
    {
        Cid root = _graph.Directory("", _graph.Directory("d", _graph.Text("1", "x")), _graph.Text("2", "y")).Cid;
        Assert.Equal("DagLimitExceeded", (await Assert.ThrowsAsync<DagException>(() => ListAsync(root, true, new ReadLimits { MaxEntries = 2 }))).ErrorId);
        Assert.Equal("DagLimitExceeded", (await Assert.ThrowsAsync<DagException>(() => ListAsync(root, true, new ReadLimits { MaxDepth = 1 }))).ErrorId);
        using CancellationTokenSource stop = new();
        _graph.Before = async (_, cancellationToken) =>
        {
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ListAsync(root, true, cancellationToken: stop.Token));
        _graph.Before = null;
        _graph.Drop(root);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => ListAsync(root, true));
        Assert.Empty(_gaps);
    }

    private async Task<List<UnixFsEntry>> ListAsync(Cid root, bool recurse, ReadLimits? limits = null, CancellationToken cancellationToken = default)
    {
        List<UnixFsEntry> entries = [];
        await foreach (UnixFsEntry entry in _graph.Reader(limits).ListAsync(root, recurse, _gaps.Add, cancellationToken))
        {
            entries.Add(entry);
        }

        return entries;
    }
}

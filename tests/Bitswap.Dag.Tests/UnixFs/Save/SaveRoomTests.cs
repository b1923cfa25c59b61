using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Tests.UnixFs.Read;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.UnixFs.Save;

/// <summary>What does not fit on its disk is refused before it is written, or leaves nothing once it is known.</summary>
public sealed class SaveRoomTests : IDisposable
{
    private readonly TestGraph _graph = new();
    private readonly SaveFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_that_is_larger_than_the_disk_is_refused_once_its_root_is_fetched()
    {
        DagPbLink part = _graph.Text("part");
        DagPbLink file = _graph.Node(new UnixFsData { Type = UnixFsType.File, FileSize = 1L << 42, BlockSizes = [1UL << 42] }, [part]);
        await RefusedAsync(file, "4,398,046,511,104 bytes");
        Assert.Equal([file.Cid], _graph.Asked);
    }

    [Fact]
    public async Task A_directory_whose_links_claim_more_than_the_disk_holds_is_refused()
    {
        DagPbLink claiming = _graph.Text("small", "a") with { Tsize = 1UL << 60 };
        await RefusedAsync(_graph.Directory(claiming, _graph.Text("b", "b") with { Tsize = 1UL << 60 }), "2,305,843,009,213,693,952 bytes");
        await RefusedAsync(_graph.Sharded([claiming, _graph.Text("b", "b")]), "1,152,921,504,606,846,977 bytes");
    }

    [Fact]
    public async Task A_directory_that_claims_too_little_leaves_nothing_once_the_disk_is_full()
    {
        using SmallDisk disk = SmallDisk.MakeOrSkip(kibibytes: 512);
        DagPbLink large = _graph.Raw(TestGraph.Bytes(1 << 20), "large") with { Tsize = 1 };
        DagPbLink root = _graph.Directory(large);
        SaveException full = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(root, disk.Path));
        Assert.Equal("DiskFull", full.ErrorId);
        Assert.Contains("They are removed again", full.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(disk.Path));
    }

    [Fact]
    public async Task A_file_that_fits_with_what_an_earlier_save_left_is_saved()
    {
        using SmallDisk disk = SmallDisk.MakeOrSkip(kibibytes: 1024);
        byte[] content = TestGraph.Bytes(700_000);
        DagPbLink file = _graph.Balanced(content, 65_536, 100);
        Cid last = Cid.Compute(0x55, content[^(700_000 % 65_536)..]);
        _graph.Drop(last);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => SaveAsync(file, disk.Path));
        _graph.Put(0x55, content[^(700_000 % 65_536)..]);

        // less is free than the file has bytes
        Assert.InRange(new DriveInfo(disk.Path).AvailableFreeSpace, 1, 600_000);
        await SaveAsync(file, disk.Path);
        Assert.Equal(content, File.ReadAllBytes(disk["saved"]));
    }

    [Fact]
    public async Task A_path_that_is_too_long_leaves_nothing()
    {
        DagPbLink deep = _graph.Text("x", "file");
        for (int level = 0; level < 30; level++)
        {
            deep = _graph.Directory(new string((char)('a' + level % 26), 200), deep);
        }

        SaveException failure = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(deep, _folder.Path));
        Assert.Equal("SaveFailed", failure.ErrorId);
        Assert.Empty(_folder.All());
    }

    [Fact]
    public async Task A_target_of_another_kind_is_refused_once_the_root_is_fetched()
    {
        DagPbLink folder = _graph.Directory(_graph.Text("x", "x"));
        File.WriteAllText(_folder["saved"], "a file");
        SaveException failure = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(folder, _folder.Path, new SaveOptions { Force = true }));
        Assert.Equal("TargetExists", failure.ErrorId);
        Assert.Equal(folder.Cid, _graph.Asked.First());
        Assert.Equal(["saved"], _folder.All());
    }

    private async Task RefusedAsync(DagPbLink root, string figure)
    {
        SaveException full = await Assert.ThrowsAsync<SaveException>(() => SaveAsync(root, _folder.Path));
        Assert.Equal("DiskFull", full.ErrorId);
        Assert.Contains(figure, full.Message);
        Assert.Matches("its disk has room for [0-9,]+", full.Message);
        Assert.Empty(_folder.All());
    }

    private Task<SaveResult> SaveAsync(DagPbLink root, string folder, SaveOptions? options = null) =>
        new UnixFsSaver(_graph.Reader(new ReadLimits { ReadAheadBlocks = 1, MaxTotalSize = 1L << 62 }), (options ?? new SaveOptions()) with { MaxTotalSize = 1L << 62 })
            .SaveAsync(root.Cid, folder, "saved");
}

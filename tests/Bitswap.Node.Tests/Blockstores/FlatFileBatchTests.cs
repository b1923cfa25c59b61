using System.Collections.Concurrent;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Blockstores;

public sealed class FlatFileBatchTests : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bitswap-batch-").FullName;
    private readonly ConcurrentQueue<Cid> _named = new();
    private readonly FlatFileBlockstore _store;

    public FlatFileBatchTests() => _store = new FlatFileBlockstore(_folder);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Where_one_file_is_flushed_at_a_time_and_where_none_is_all_are_stored()
    {
        byte[][] blocks = [.. Enumerable.Range(0, 40).Select(i => BitConverter.GetBytes(i))];
        foreach (FlatFileOptions options in new FlatFileOptions[] { new() { MaxParallelFlushes = 1 }, new() { FlushToDisk = false } })
        {
            string folder = Path.Combine(_folder, ".other");
            await using (FlatFileBlockstore store = new(folder, options))
            {
                await using FlatFileBatch batch = store.BeginBatch((_, _) => ValueTask.CompletedTask);
                await Parallel.ForEachAsync(blocks, async (block, token) => await batch.PutAsync(CidOf(block), block, token));
                await batch.CompleteAsync(default);
            }

            Assert.Equal(blocks.Length, Directory.EnumerateFiles(folder, "*.data", SearchOption.AllDirectories).Count());
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task What_is_completed_can_be_read_and_has_been_told_and_leaves_nothing_aside()
    {
        byte[][] blocks = [.. Enumerable.Range(0, 2500).Select(i => BitConverter.GetBytes(i))];
        await using (FlatFileBatch batch = Begin())
        {
            await Parallel.ForEachAsync(blocks, async (block, token) => await batch.PutAsync(CidOf(block), block, token));
            await batch.CompleteAsync(default);
        }

        Assert.Equal(blocks.Select(CidOf).Order(), _named.Order());
        foreach (byte[] block in blocks)
        {
            Assert.Equal(block, (await _store.GetAsync(CidOf(block), default))!.Value.ToArray());
        }

        Assert.Empty(Unfinished());
    }

    [Fact]
    public async Task The_data_is_the_callers_again_once_it_is_put()
    {
        byte[] data = [1, 2, 3];
        Cid cid = CidOf(data);
        await using FlatFileBatch batch = Begin();
        await batch.PutAsync(cid, data, default);
        data[0] = 9;
        await batch.CompleteAsync(default);

        Assert.Equal([1, 2, 3], (await _store.GetAsync(cid, default))!.Value.ToArray());
    }

    [Fact]
    public async Task A_block_is_absent_until_its_group_is_named()
    {
        byte[] data = [1, 2, 3];
        await using (FlatFileBatch batch = Begin())
        {
            await batch.PutAsync(CidOf(data), data, default);
            Assert.Single(Unfinished());
            Assert.Null(await _store.GetAsync(CidOf(data), default));
        }

        Assert.Empty(Unfinished());
        Assert.Null(await _store.GetAsync(CidOf(data), default));
        Assert.Empty(_named);
    }

    [Fact]
    public async Task A_group_that_is_full_is_named_while_the_next_is_taken()
    {
        await using FlatFileBatch batch = Begin();
        for (int i = 0; i < 1025; i++)
        {
            byte[] data = BitConverter.GetBytes(i);
            await batch.PutAsync(CidOf(data), data, default);
        }

        await Poll.UntilAsync(() => Task.FromResult(_named.Count == 1024));
    }

    [Fact]
    public async Task A_block_twice_is_one_and_a_corrupt_one_is_replaced()
    {
        byte[] data = [1, 2, 3];
        await _store.PutAsync(CidOf(data), data, default);
        string path = Assert.Single(Directory.EnumerateFiles(_folder, "*.data", SearchOption.AllDirectories));
        DateTime written = DateTime.UnixEpoch.AddDays(1);
        File.SetLastWriteTimeUtc(path, written);

        await PutAsync(data, data);
        Assert.Equal(written, File.GetLastWriteTimeUtc(path));
        Assert.Equal([CidOf(data)], _named);

        File.WriteAllBytes(path, [9, 9, 9]);
        await PutAsync(data);
        Assert.Equal(data, (await _store.GetAsync(CidOf(data), default))!.Value.ToArray());
    }

    [Fact]
    public async Task A_block_over_the_limit_is_refused() =>
        Assert.Equal("BlockTooLarge", (await Assert.ThrowsAsync<BitswapException>(() => PutAsync(new byte[(4 * 1024 * 1024) + 1]))).ErrorId);

    [Fact]
    public async Task A_group_that_cannot_be_named_fails_the_batch()
    {
        byte[] data = [1, 2, 3];
        await using FlatFileBatch batch = Begin();
        await batch.PutAsync(CidOf(data), data, default);
        File.Delete(Assert.Single(Unfinished()));

        Assert.Equal("StoreFailed", (await Assert.ThrowsAsync<BitswapException>(() => batch.CompleteAsync(default).AsTask())).ErrorId);
        Assert.Equal("StoreFailed", (await Assert.ThrowsAsync<BitswapException>(() => batch.PutAsync(CidOf(data), data, default).AsTask())).ErrorId);
    }

    private static Cid CidOf(byte[] data) => Cid.Compute(Multiformats.Multicodec.Raw, data);

    private async Task PutAsync(params byte[][] blocks)
    {
        await using FlatFileBatch batch = Begin();
        foreach (byte[] block in blocks)
        {
            await batch.PutAsync(CidOf(block), block, default);
        }

        await batch.CompleteAsync(default);
    }

    private FlatFileBatch Begin() => _store.BeginBatch((items, _) =>
    {
        foreach (FlatFileBatch.Item item in items)
        {
            _named.Enqueue(item.Cid);
        }

        return ValueTask.CompletedTask;
    });

    private string[] Unfinished() => [.. Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(".data", StringComparison.Ordinal) && Path.GetFileName(path) is not ("SHARDING" or "_README" or "lock"))];
}

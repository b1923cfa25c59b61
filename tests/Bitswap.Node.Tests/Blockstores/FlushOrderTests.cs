using System.Collections.Concurrent;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Blockstores;
using Microsoft.Win32.SafeHandles;

namespace Bitswap.Node.Tests.Blockstores;

/// <summary>
/// A block has its name only once its data is on the disk itself: what makes a power cut leave it whole or absent. The blocks here are told apart by their lengths.
/// </summary>
public sealed class FlushOrderTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<(int Length, bool IsNamed)> _flushed = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_block_is_written_then_flushed_then_named()
    {
        await using FlatFileBlockstore store = Open();
        foreach (int length in (int[])[3, 4, 3])
        {
            await PutAsync(store.PutAsync, length);
        }

        // the third was there
        Assert.Equal([(3, false), (4, false)], _flushed);
        Assert.True(IsNamed(3) && IsNamed(4));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public async Task A_block_of_a_batch_is_named_once_its_whole_group_is_flushed(int parallel)
    {
        int[] lengths = [.. Enumerable.Range(1, 1100)];
        int flushedBefore = 0;
        bool areFlushed = true;
        await using FlatFileBlockstore store = Open(new FlatFileOptions { MaxParallelFlushes = parallel });
        await using (FlatFileBatch batch = store.BeginBatch((group, _) =>
        {
            areFlushed &= _flushed.Count >= flushedBefore + group.Count;
            flushedBefore += group.Count;
            return ValueTask.CompletedTask;
        }))
        {
            foreach (int length in lengths)
            {
                await PutAsync(batch.PutAsync, length);
            }

            await batch.CompleteAsync(default);
        }

        Assert.True(areFlushed, "a group was told of that is not flushed");
        Assert.Equal(lengths.Length, flushedBefore);
        Assert.Equal(lengths, _flushed.Select(flush => flush.Length).Order());
        Assert.All(_flushed, flush => Assert.False(flush.IsNamed, $"{flush.Length}"));
        Assert.All(lengths, length => Assert.True(IsNamed(length)));
    }

    [Fact]
    public async Task What_cannot_be_flushed_gets_no_name_and_leaves_nothing_aside()
    {
        await using FlatFileBlockstore store = new(_folder["blocks"], new FlatFileOptions { Flush = _ => throw new IOException("the disk is gone") });

        Assert.Equal("StoreFailed", (await Assert.ThrowsAsync<BitswapException>(() => PutAsync(store.PutAsync, 3))).ErrorId);
        await using (FlatFileBatch batch = store.BeginBatch((_, _) => ValueTask.CompletedTask))
        {
            await PutAsync(batch.PutAsync, 3);
            BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => batch.CompleteAsync(default).AsTask());
            Assert.Equal("StoreFailed", failure.ErrorId);
            Assert.Contains("the disk is gone", failure.Message, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Directory.EnumerateFiles(_folder["blocks"], "*", SearchOption.AllDirectories), path => Path.GetExtension(path) is ".data" or ".tmp");
    }

    [Fact]
    public async Task A_store_that_does_not_flush_never_does()
    {
        await using FlatFileBlockstore store = Open(new FlatFileOptions { FlushToDisk = false });

        await PutAsync(store.PutAsync, 3);
        await using (FlatFileBatch batch = store.BeginBatch((_, _) => ValueTask.CompletedTask))
        {
            await PutAsync(batch.PutAsync, 4);
            await batch.CompleteAsync(default);
        }

        Assert.Empty(_flushed);
        Assert.True(IsNamed(3) && IsNamed(4));
    }

    private static async Task PutAsync(Func<Cid, ReadOnlyMemory<byte>, CancellationToken, ValueTask> put, int length) =>
        await put(CidOf(length), new byte[length], default);

    private static Cid CidOf(int length) => Cid.Compute(Multicodec.Raw, new byte[length]);

    private bool IsNamed(int length)
    {
        string key = Multibase.EncodeRaw(MultibaseEncoding.Base32Upper, CidOf(length).Hash.Bytes);
        return File.Exists(_folder[Path.Combine("blocks", key[^3..^1], key + ".data")]);
    }

    private FlatFileBlockstore Open(FlatFileOptions? options = null) => new(_folder["blocks"], (options ?? new FlatFileOptions()) with { Flush = Flush });

    private void Flush(SafeFileHandle file)
    {
        int length = (int)RandomAccess.GetLength(file);
        _flushed.Enqueue((length, IsNamed(length)));
    }
}

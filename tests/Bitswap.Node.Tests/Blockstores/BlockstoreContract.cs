using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Core;

namespace Bitswap.Node.Tests.Blockstores;

/// <summary>What every block store must do. Each store's tests derive from it.</summary>
public abstract class BlockstoreContract
{
    private protected static readonly CancellationToken None = CancellationToken.None;

    private protected static readonly byte[] Hello = "hello"u8.ToArray();

    /// <summary>The CID of "hello".</summary>
    private protected static Cid HelloCid { get; } = RawCid(Hello);

    private protected abstract IBlockstore NewStore();

    private protected static Cid RawCid(byte[] data) => Cid.CreateV1(Multicodec.Raw, Multihash.Compute(MultihashCode.Sha256, data));

    private protected static byte[] RandomBytes(int seed, int length)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private protected static async Task<List<StoredBlock>> ListAsync(IBlockstore store)
    {
        List<StoredBlock> blocks = [];
        await foreach (StoredBlock block in store.ListAsync(None))
        {
            blocks.Add(block);
        }

        return blocks;
    }

    [Fact]
    public async Task A_missing_block_is_null_and_cannot_be_removed()
    {
        await using IBlockstore store = NewStore();
        Assert.Null(await store.GetAsync(HelloCid, None));
        Assert.Null(await store.GetSizeAsync(HelloCid, None));
        Assert.False(await store.RemoveAsync(HelloCid, None));
        Assert.Empty(await ListAsync(store));
    }

    [Fact]
    public async Task Blocks_are_listed_by_how_their_hash_begins()
    {
        await using IBlockstore store = NewStore();
        Cid[] cids = [.. Enumerable.Range(0, 600).Select(seed => RawCid(RandomBytes(seed, 8)))];
        for (int seed = 0; seed < cids.Length; seed++)
        {
            await store.PutAsync(cids[seed], RandomBytes(seed, 8), None);
        }

        // function and length are the same of all: what tells them apart comes after 16 bits
        byte[] looked = cids[^1].Hash.Bytes.ToArray();
        for (int bits = 0; bits <= looked.Length * 8; bits += bits < 40 ? 1 : 27)
        {
            HashPrefix start = new(looked, bits);
            List<Cid> found = [];
            await foreach (StoredBlock block in store.ListAsync(start, None))
            {
                Assert.Equal(8, block.Size);
                found.Add(block.Cid);
            }

            string expected = string.Concat(looked.Select(one => one.ToString("b8")))[..bits];
            Assert.Equal(
                cids.Where(cid => string.Concat(cid.Hash.Bytes.ToArray().Select(one => one.ToString("b8"))).StartsWith(expected, StringComparison.Ordinal)).Order(),
                found.Order());
        }
    }

    [Fact]
    public async Task A_block_is_there_until_it_is_removed()
    {
        await using IBlockstore store = NewStore();
        await store.PutAsync(HelloCid, Hello, None);
        await store.PutAsync(HelloCid, Hello, None);
        Assert.Equal(Hello, (await store.GetAsync(HelloCid, None))!.Value.ToArray());
        Assert.Equal(5, await store.GetSizeAsync(HelloCid, None));
        Assert.Equal([new StoredBlock(HelloCid, 5)], await ListAsync(store));

        Assert.True(await store.RemoveAsync(HelloCid, None));
        Assert.False(await store.RemoveAsync(HelloCid, None));
        Assert.Null(await store.GetAsync(HelloCid, None));
        Assert.Empty(await ListAsync(store));
    }

    [Fact]
    public async Task The_empty_block_is_a_block()
    {
        await using IBlockstore store = NewStore();
        Cid cid = RawCid([]);
        await store.PutAsync(cid, ReadOnlyMemory<byte>.Empty, None);
        Assert.Equal(0, (await store.GetAsync(cid, None))!.Value.Length);
        Assert.Equal(0, await store.GetSizeAsync(cid, None));
        Assert.Equal([new StoredBlock(cid, 0)], await ListAsync(store));
    }

    [Fact]
    public async Task A_block_is_found_by_every_cid_of_its_multihash()
    {
        await using IBlockstore store = NewStore();
        await store.PutAsync(Cid.CreateV0(HelloCid.Hash), Hello, None);
        foreach (Cid cid in new[] { HelloCid, Cid.CreateV0(HelloCid.Hash), Cid.CreateV1(Multicodec.DagCbor, HelloCid.Hash) })
        {
            Assert.Equal(Hello, (await store.GetAsync(cid, None))!.Value.ToArray());
            Assert.Equal(5, await store.GetSizeAsync(cid, None));
        }

        Assert.Equal([new StoredBlock(HelloCid, 5)], await ListAsync(store));
        Assert.True(await store.RemoveAsync(Cid.CreateV1(Multicodec.DagCbor, HelloCid.Hash), None));
    }

    [Fact]
    public async Task Blocks_of_every_hash_and_size_come_back()
    {
        await using IBlockstore store = NewStore();
        List<(Cid Cid, byte[] Data)> blocks = [];
        foreach (ulong code in new[] { MultihashCode.Sha1, MultihashCode.Sha256, MultihashCode.Sha512, MultihashCode.DblSha256 })
        {
            foreach (int size in new[] { 1, 255, 4096, 262_144, 2_097_152 })
            {
                byte[] data = RandomBytes((int)code + size, size);
                blocks.Add((Cid.CreateV1(Multicodec.Raw, Multihash.Compute(code, data)), data));
            }
        }

        byte[] small = [1, 2, 3];
        blocks.Add((Cid.CreateV1(Multicodec.Raw, Multihash.Compute(MultihashCode.Identity, small)), small));
        await Task.WhenAll(blocks.Select(block => store.PutAsync(block.Cid, block.Data, None).AsTask()));
        foreach ((Cid cid, byte[] data) in blocks)
        {
            Assert.True((await store.GetAsync(cid, None))!.Value.Span.SequenceEqual(data));
        }

        Assert.Equal(
            blocks.Select(block => new StoredBlock(block.Cid, block.Data.Length)).ToHashSet(), [.. await ListAsync(store)]);
    }

    [Fact]
    public async Task Many_at_once_put_get_and_remove_without_harm()
    {
        await using IBlockstore store = NewStore();
        byte[][] data = [.. Enumerable.Range(0, 20).Select(i => RandomBytes(i, 1000 + i))];
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
        {
            byte[] mine = data[i % data.Length];
            Cid cid = RawCid(mine);
            await store.PutAsync(cid, mine, None);
            ReadOnlyMemory<byte>? read = await store.GetAsync(cid, None);
            Assert.True(read is null || read.Value.Span.SequenceEqual(mine));
            if (i % 3 == 0)
            {
                await store.RemoveAsync(cid, None);
            }
        })));

        foreach (byte[] block in data)
        {
            await store.PutAsync(RawCid(block), block, None);
        }

        Assert.Equal(20, (await ListAsync(store)).Count);
        Assert.Equal(data.Sum(block => block.Length), (await ListAsync(store)).Sum(block => block.Size));
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        await using IBlockstore store = NewStore();
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.PutAsync(HelloCid, Hello, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.GetAsync(HelloCid, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.GetSizeAsync(HelloCid, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.RemoveAsync(HelloCid, cancelled));
        Assert.Null(await store.GetAsync(HelloCid, None));
    }

    [Fact]
    public async Task A_closed_store_refuses_every_call()
    {
        IBlockstore store = NewStore();
        await store.PutAsync(HelloCid, Hello, None);
        await store.DisposeAsync();
        await store.DisposeAsync();
        foreach (Func<Task> call in new Func<Task>[]
        {
            async () => await store.GetAsync(HelloCid, None),
            async () => await store.GetSizeAsync(HelloCid, None),
            async () => await store.PutAsync(HelloCid, Hello, None),
            async () => await store.RemoveAsync(HelloCid, None),
            async () => await ListAsync(store),
        })
        {
            BitswapException error = await Assert.ThrowsAsync<BitswapException>(call);
            Assert.Equal("StoreFailed", error.ErrorId);
            Assert.Contains("closed", error.Message, StringComparison.Ordinal);
        }
    }
}

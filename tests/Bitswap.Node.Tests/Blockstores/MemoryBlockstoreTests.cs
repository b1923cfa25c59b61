using Bitswap.Node.Blockstores;

namespace Bitswap.Node.Tests.Blockstores;

public sealed class MemoryBlockstoreTests : BlockstoreContract
{
    private protected override IBlockstore NewStore() => new MemoryBlockstore();

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_bound_that_is_none_is_refused(long maxBytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new MemoryBlockstore(maxBytes));

    [Fact]
    public async Task A_block_over_the_bound_is_refused_and_room_can_be_made()
    {
        await using MemoryBlockstore store = new(maxBytes: 10);
        byte[] six = RandomBytes(1, 6);
        await store.PutAsync(HelloCid, Hello, None);
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(async () => await store.PutAsync(RawCid(six), six, None));
        Assert.Equal("StoreFull", error.ErrorId);
        Assert.Equal(RawCid(six), error.Target);
        Assert.Contains("5 of at most 10", error.Message, StringComparison.Ordinal);
        Assert.Equal((1, 5), (store.Count, store.Bytes));

        await store.PutAsync(HelloCid, Hello, None);
        await store.RemoveAsync(HelloCid, None);
        await store.PutAsync(RawCid(six), six, None);
        Assert.Equal((1, 6), (store.Count, store.Bytes));
    }

    [Fact]
    public async Task Racing_puts_never_pass_the_bound_and_the_count_of_bytes_stays_true()
    {
        await using MemoryBlockstore store = new(maxBytes: 1000);
        int refused = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            byte[] data = RandomBytes(i % 50, 40);
            try
            {
                await store.PutAsync(RawCid(data), data, None);
                Assert.InRange((await ListAsync(store)).Sum(block => block.Size), 0, 1000);
            }
            catch (BitswapException error)
            {
                Assert.Equal("StoreFull", error.ErrorId);
                Interlocked.Increment(ref refused);
            }
        })));
        Assert.True(refused > 0);
        Assert.Equal(store.Count * 40, store.Bytes);
        Assert.Equal(25, store.Count);
    }

    [Fact]
    public async Task A_slice_of_a_much_larger_array_is_copied_and_one_that_fills_its_array_is_not()
    {
        await using MemoryBlockstore store = new();
        byte[] large = new byte[1000];
        Hello.CopyTo(large, 100);
        await store.PutAsync(HelloCid, large.AsMemory(100, 5), None);
        Array.Clear(large);
        Assert.Equal(Hello, (await store.GetAsync(HelloCid, None))!.Value.ToArray());

        byte[] exact = RandomBytes(1, 1000);
        await store.PutAsync(RawCid(exact), exact, None);
        Assert.True((await store.GetAsync(RawCid(exact), None))!.Value.Span.Overlaps(exact));
    }
}

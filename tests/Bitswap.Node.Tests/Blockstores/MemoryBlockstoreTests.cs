using Bitswap.Node.Blockstores;
using Bitswap.Tests.Shared;

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
        Assert.Equal(RawCid(six), error.Subject);
        Assert.Contains("may hold 10 bytes, and 5 of them", error.Message, StringComparison.Ordinal);
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

    [Fact]
    public async Task What_was_fetched_makes_room_in_the_order_of_its_last_use_and_what_was_put_stays()
    {
        await using MemoryBlockstore store = new(maxBytes: 40);
        Cid[] fetched = [.. Enumerable.Range(1, 3).Select(seed => Fetch(store, seed))];
        Cid put = await PutAsync(store, 4);
        Assert.NotNull(await store.GetAsync(fetched[0], None));

        // the second was used longest ago
        Cid next = Fetch(store, 5);
        Assert.Equal([fetched[0], fetched[2], next, put], await HaveAsync(store, [.. fetched, next, put]));
        await PutAsync(store, 6);
        Assert.Equal([fetched[0], next, put], await HaveAsync(store, [.. fetched, next, put]));

        // one that was fetched and is put stays as well, and what is not fetched has no room beside them
        await store.PutAsync(fetched[0], RandomBytes(1, 10), None);
        await PutAsync(store, 7);
        BitswapException full = await Assert.ThrowsAsync<BitswapException>(async () => await PutAsync(store, 8));
        Assert.Equal("StoreFull", full.ErrorId);
        Assert.Contains("-Path", full.Remedy, StringComparison.Ordinal);
        Assert.Equal([fetched[0], put], await HaveAsync(store, [.. fetched, next, put]));
        Assert.Equal((4, 40), (store.Count, store.Bytes));

        // who fetches gets the block all the same, and it is not held
        Assert.Empty(await HaveAsync(store, Fetch(store, 9)));
    }

    [Fact]
    public async Task What_passes_goes_before_the_rest_and_has_a_bound_of_its_own()
    {
        await using MemoryBlockstore store = new(maxBytes: 50, maxPassingBytes: 20);
        Cid rest = Fetch(store, 1);
        Cid[] passing = [.. Enumerable.Range(2, 3).Select(seed => Fetch(store, seed))];
        Array.ForEach(passing, ((IEvictingBlockstore)store).Pass);
        Assert.Equal((Cid[])[rest, passing[1], passing[2]], await HaveAsync(store, [rest, .. passing]));

        await PutAsync(store, 5);
        await PutAsync(store, 6);
        Assert.Equal((Cid[])[rest, passing[1], passing[2]], await HaveAsync(store, [rest, .. passing]));
        await PutAsync(store, 7);
        Assert.Equal([rest, passing[2]], await HaveAsync(store, [rest, .. passing]));

        // what was put does not pass
        Cid put = await PutAsync(store, 7);
        ((IEvictingBlockstore)store).Pass(put);
        await PutAsync(store, 8);
        await PutAsync(store, 9);
        Assert.Equal([put], await HaveAsync(store, [rest, put, .. passing]));
    }

    [Fact]
    public async Task What_is_pinned_stays_as_long_as_it_is()
    {
        await using MemoryBlockstore store = new(maxBytes: 20);
        Cid pinned = Fetch(store, 1), other = Fetch(store, 2);
        Assert.True(((IEvictingBlockstore)store).TryPin(pinned));
        Cid next = Fetch(store, 3);
        Assert.Equal([pinned, next], await HaveAsync(store, pinned, other, next));
        Assert.False(((IEvictingBlockstore)store).TryPin(other));

        ((IEvictingBlockstore)store).PutPinned(other, RandomBytes(2, 10));
        byte[] more = RandomBytes(4, 10);
        Assert.Equal("StoreFull", Assert.Throws<BitswapException>(() => ((IEvictingBlockstore)store).PutPinned(RawCid(more), more)).ErrorId);
        ((IEvictingBlockstore)store).KeepPinned(new HashSet<Multihash> { other.Hash });
        next = Fetch(store, 5);
        Assert.Equal([other, next], await HaveAsync(store, pinned, other, next));
    }

    [Fact]
    public Task Whatever_is_done_the_bytes_are_those_of_its_blocks_and_within_the_bound() => Seeded.RunAsync(async random =>
    {
        await using MemoryBlockstore store = new(maxBytes: 1000, maxPassingBytes: 300);
        int[] seeds = [.. Enumerable.Range(0, 4).Select(_ => random.Next())];
        await Task.WhenAll(seeds.Select(seed => Task.Run(async () =>
        {
            Random choice = new(seed);
            for (int step = 0; step < 2000; step++)
            {
                byte[] data = RandomBytes(choice.Next(60), 40);
                Cid cid = RawCid(data);
                switch (choice.Next(8))
                {
                    case 0:
                        await store.RemoveAsync(cid, None);
                        break;
                    case 1:
                        ((IEvictingBlockstore)store).Pass(cid);
                        break;
                    case 2:
                        ((IEvictingBlockstore)store).TryPin(cid);
                        break;
                    case 3:
                        ((IEvictingBlockstore)store).KeepPinned(new HashSet<Multihash>());
                        break;
                    case 4 when choice.Next(4) == 0:
                        await IgnoreFullAsync(() => store.PutAsync(cid, data, None));
                        break;
                    case 5:
                        ReadOnlyMemory<byte>? read = await store.GetAsync(cid, None);
                        Assert.True(read is null || read.Value.Span.SequenceEqual(data));
                        break;
                    default:
                        ((IEvictingBlockstore)store).PutFetched(cid, data);
                        break;
                }

                Assert.InRange(store.Bytes, 0, 1000);
            }
        })));
        Assert.Equal((await ListAsync(store)).Sum(block => block.Size), store.Bytes);
        Assert.Equal(store.Count * 40, store.Bytes);
    });

    private static async ValueTask IgnoreFullAsync(Func<ValueTask> put)
    {
        try
        {
            await put();
        }
        catch (BitswapException full) when (full.ErrorId == "StoreFull")
        {
            // as it may be
        }
    }

    private static Cid Fetch(MemoryBlockstore store, int seed)
    {
        byte[] data = RandomBytes(seed, 10);
        ((IEvictingBlockstore)store).PutFetched(RawCid(data), data);
        return RawCid(data);
    }

    private static async Task<Cid> PutAsync(MemoryBlockstore store, int seed)
    {
        byte[] data = RandomBytes(seed, 10);
        await store.PutAsync(RawCid(data), data, None);
        return RawCid(data);
    }

    // looking does not use them
    private static async Task<Cid[]> HaveAsync(MemoryBlockstore store, params Cid[] cids)
    {
        List<Cid> have = [];
        foreach (Cid cid in cids)
        {
            if (await store.GetSizeAsync(cid, None) is not null)
            {
                have.Add(cid);
            }
        }

        return [.. have];
    }
}

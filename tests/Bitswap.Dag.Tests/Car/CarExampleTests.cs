using Bitswap.Dag.Car;
using Bitswap.Dag.Links;

namespace Bitswap.Dag.Tests.Car;

/// <summary>The example of the CARv1 specification, read, written, cut and damaged.</summary>
public sealed class CarExampleTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_example_is_read_block_by_block(bool asVersion2)
    {
        byte[] car = CarExample.Bytes;
        int before = asVersion2 ? 51 + 7 : 0;
        await using CarReader reader = await CarReader.OpenAsync(new DribbleStream(asVersion2 ? CarTools.Version2(car, 7, 99) : car, 3));
        Assert.Equal(asVersion2 ? 2 : 1, reader.Version);
        Assert.Equal(CarExample.Roots, reader.Roots);
        foreach ((string cid, long offset, int length) in CarExample.Blocks)
        {
            CarBlock block = (await reader.ReadAsync())!.Value;
            Assert.Equal(cid, block.Cid.ToString());
            Assert.Equal(offset + before, block.Offset);
            Assert.Equal(length, block.Data.Length);
            Assert.True(block.Cid.Hash.Matches(block.Data.Span));
            DagLinks.Read(block.Cid, block.Data);
        }

        Assert.Null(await reader.ReadAsync());
        Assert.Null(await reader.ReadAsync());
    }

    [Fact]
    public async Task Writing_what_was_read_makes_the_same_bytes()
    {
        byte[] car = CarExample.Bytes;
        await using CarReader reader = await CarReader.OpenAsync(new MemoryStream(car));
        var blocks = new List<(Cid, byte[])>();
        await foreach (CarBlock block in reader.ReadAllAsync())
        {
            blocks.Add((block.Cid, block.Data.ToArray()));
        }

        Assert.Equal(Convert.ToHexString(car), Convert.ToHexString(await CarTools.WriteAsync(reader.Roots, blocks)));
    }

    [Fact]
    public async Task Each_cut_of_it_gives_the_whole_blocks_before_it_and_where_it_breaks_off()
    {
        byte[] car = CarExample.Bytes;
        (List<CarBlock> all, _) = await CarTools.ReadAsync(car);
        long[] bounds = [.. all.Select(block => block.Offset), car.Length];
        for (int length = 0; length < car.Length; length++)
        {
            (List<CarBlock> blocks, CarException? error) = await CarTools.ReadAsync(car[..length]);
            int whole = Math.Max(0, bounds.Count(bound => bound <= length) - 1);
            Assert.Equal(whole, blocks.Count);
            Assert.Equal(bounds.Contains(length), error is null);
            Assert.Equal(bounds.Contains(length) ? null : length < bounds[0] ? 0 : bounds[whole], error?.Offset);
        }
    }

    [Fact]
    public async Task A_changed_byte_is_found_wherever_it_is()
    {
        byte[] car = CarExample.Bytes;
        (List<CarBlock> all, _) = await CarTools.ReadAsync(car);
        long[] bounds = [.. all.Select(block => block.Offset), car.Length];
        for (int i = (int)bounds[0]; i < car.Length; i++)
        {
            byte[] damaged = (byte[])car.Clone();
            damaged[i] ^= 0x10;
            List<CarException> passed = [];
            (List<CarBlock> blocks, CarException? error) = await CarTools.ReadAsync(new MemoryStream(damaged), passedOver: passed);
            int whole = bounds.Count(bound => bound <= i) - 1;
            if (passed.Count > 0)
            {
                // The hash function is one that no block is named by.
                Assert.Equal(bounds[whole], Assert.Single(passed).Offset);
                Assert.Equal(all.Where((_, place) => place != whole).Select(block => block.Cid), blocks.Select(block => block.Cid));
            }
            else if (error is not null)
            {
                Assert.Equal(bounds[whole], error.Offset);
                Assert.Equal(whole, blocks.Count);
            }
            else
            {
                // The codec in a CID is not covered by its hash.
                Assert.Equal(all.Count, blocks.Count);
                Assert.NotEqual(all[whole].Cid, blocks[whole].Cid);
            }
        }
    }
}

using Bitswap.Dag.Car;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.Car;

public sealed class CarWriterTests
{
    [Fact]
    public async Task The_bytes_are_those_of_the_specification()
    {
        Cid cid = Cid.Compute(Multicodec.Raw, [7, 8], MultihashCode.Identity);
        Assert.Equal("015500020708", Convert.ToHexStringLower(cid.Bytes));
        Assert.Equal(
            "1b" + "a2" + "65726f6f7473" + "81" + "d82a" + "4700" + "015500020708" + "6776657273696f6e" + "01" + "08" + "015500020708" + "0708",
            Convert.ToHexStringLower(await CarTools.WriteAsync([cid], [(cid, [7, 8])])));
    }

    [Fact]
    public async Task A_block_that_is_there_already_is_left_out()
    {
        byte[] data = [1];
        Cid cid = Cid.Compute(Multicodec.Raw, data);
        await using CarWriter writer = await CarWriter.CreateAsync(new MemoryStream(), [cid]);
        Assert.True(await writer.WriteAsync(cid, data));
        long length = writer.Length;
        Assert.False(await writer.WriteAsync(Cid.Parse(cid.ToString()), data));
        Assert.Equal(length, writer.Length);
        Assert.Equal(1, writer.Blocks);
        Assert.True(await writer.WriteAsync(Cid.CreateV1(Multicodec.DagCbor, cid.Hash), data));
    }

    [Fact]
    public async Task Without_a_root_there_is_no_car() =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await CarWriter.CreateAsync(new MemoryStream(), []));

    [Theory]
    [InlineData(23)]
    [InlineData(24)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(7000)]
    public async Task Any_number_of_roots_comes_back(int count)
    {
        Cid[] roots = [.. Enumerable.Range(0, count).Select(i => Cid.Compute(Multicodec.Raw, BitConverter.GetBytes(i)))];
        await using CarReader reader = await CarReader.OpenAsync(new MemoryStream(await CarTools.WriteAsync(roots, [])));
        Assert.Equal(roots, reader.Roots);
        Assert.Null(await reader.ReadAsync());
    }

    [Fact]
    public async Task Random_blocks_come_back_whatever_the_stream_gives_at_a_time()
    {
        await Seeded.RunAsync(20, async random =>
        {
            (Cid Cid, byte[] Data)[] blocks = [.. Enumerable.Range(0, 30).Select(_ => random.Bytes(random.Next(0, 3000)))
                .Select(data => (random.Next(2) == 0 ? Cid.Compute(Multicodec.Raw, data) : Cid.CreateV0(Multihash.Compute(MultihashCode.Sha256, data)), data))
                .DistinctBy(block => block.Item1)];
            byte[] car = await CarTools.WriteAsync([blocks[0].Cid], blocks);
            (List<CarBlock> read, CarException? error) = await CarTools.ReadAsync(new DribbleStream(car, random.Next(1, 200)));
            Assert.Null(error);
            Assert.Equal(blocks.Select(block => block.Cid), read.Select(block => block.Cid));
            Assert.Equal(blocks.SelectMany(block => block.Data), read.SelectMany(block => block.Data.ToArray()));
        });
    }
}

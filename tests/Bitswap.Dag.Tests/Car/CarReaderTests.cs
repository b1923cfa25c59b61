using Bitswap.Dag.Car;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Tests.Car;

public sealed class CarReaderTests
{
    private static readonly (Cid Cid, byte[] Data)[] _blocks = CarTools.RawBlocks(3);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("00", "0 bytes")]
    [InlineData("ff", "within a length")]
    [InlineData("8100", "shortest form")]
    [InlineData("ffffffffffffffffff7f", "longer than 9 bytes")]
    [InlineData("ffffffff0f", "1048576 are allowed")]
    [InlineData("0aa167", "within its header")]
    [InlineData("01a0", "no version")]
    [InlineData("0180", "no map")]
    [InlineData("0aa16776657273696f6e01", "no roots")]
    [InlineData("0aa16776657273696f6e03", "no version 3")]
    [InlineData("0aa16776657273696f6e02", "within the header of version 2")]
    [InlineData("11a265726f6f7473806776657273696f6e02", "no version 2 with such")]
    [InlineData("11a265726f6f747380" + "6776657273696f6e" + "20", "no number")]
    [InlineData("11a265726f6f747301" + "6776657273696f6e" + "01", "no list")]
    [InlineData("12a265726f6f74738101" + "6776657273696f6e" + "01", "no link")]
    [InlineData("12a265726f6f7473806776657273696f6e0100", "bytes follow")]
    [InlineData("0aa16776657273696f6f01", "not known")]
    [InlineData("13a26776657273696f6e016776657273696f6e01", "twice")]
    public async Task What_is_no_car_is_refused_with_its_offset(string hex, string why)
    {
        (List<CarBlock> blocks, CarException? error) = await CarTools.ReadAsync(Convert.FromHexString(hex));
        Assert.Empty(blocks);
        Assert.Equal(DagErrorIds.InvalidCar, error?.ErrorId);
        Assert.Contains(why, error!.Message);
    }

    [Fact]
    public async Task A_header_without_roots_and_one_with_its_keys_the_other_way_round_are_read()
    {
        await using CarReader none = await CarReader.OpenAsync(new MemoryStream(Convert.FromHexString("11a265726f6f7473806776657273696f6e01")));
        Assert.Empty(none.Roots);
        Assert.Null(await none.ReadAsync());
        await using CarReader turned = await CarReader.OpenAsync(new MemoryStream(Convert.FromHexString("11a26776657273696f6e0165726f6f747380")));
        Assert.Equal(1, turned.Version);
    }

    [Fact]
    public async Task A_block_that_does_not_hash_to_its_cid_ends_the_reading()
    {
        byte[] car = await CarTools.WriteAsync([_blocks[0].Cid], [_blocks[0], (_blocks[1].Cid, _blocks[2].Data), _blocks[2]]);
        (List<CarBlock> blocks, CarException? error) = await CarTools.ReadAsync(car);
        Assert.Equal([_blocks[0].Cid], blocks.Select(block => block.Cid));
        Assert.Equal(_blocks[1].Cid, error!.Cid);
        Assert.Equal(blocks[0].Offset + 1 + 36 + 3, error.Offset);
        Assert.Contains("does not hash", error.Message);
    }

    [Theory]
    [InlineData("00", "0 bytes")]
    [InlineData("8100", "shortest form")]
    [InlineData("ffffffff7f", "8388608 are allowed")]
    [InlineData("0201", "ends after 1")]
    [InlineData("020200", "no version 2")]
    public async Task What_follows_the_last_block_is_read_as_a_section(string tail, string why)
    {
        byte[] car = await CarTools.WriteAsync([_blocks[0].Cid], _blocks);
        (List<CarBlock> blocks, CarException? error) = await CarTools.ReadAsync([.. car, .. Convert.FromHexString(tail)]);
        Assert.Equal(3, blocks.Count);
        Assert.Equal(car.Length, error!.Offset);
        Assert.Contains(why, error.Message);
    }

    [Fact]
    public async Task The_size_of_header_and_section_is_bounded()
    {
        byte[] car = await CarTools.WriteAsync([_blocks[0].Cid], _blocks);
        int header = car[0];
        Assert.Null((await CarTools.ReadAsync(car, new CarOptions { MaxHeaderSize = header, MaxSectionSize = 39 })).Error);
        Assert.Contains($"{header - 1} are allowed", (await CarTools.ReadAsync(car, new CarOptions { MaxHeaderSize = header - 1 })).Error!.Message);
        Assert.Contains("1 to 38 are allowed", (await CarTools.ReadAsync(car, new CarOptions { MaxSectionSize = 38 })).Error!.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CarOptions { MaxHeaderSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CarOptions { MaxHeaderSize = (1 << 25) + 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CarOptions { MaxSectionSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CarOptions { MaxSectionSize = (1 << 30) + 1 });
    }

    [Fact]
    public async Task A_version_2_is_read_from_its_data_offset_to_the_end_of_its_data()
    {
        byte[] inner = await CarTools.WriteAsync([_blocks[0].Cid], _blocks);
        foreach (int padding in (int[])[0, 1, 70_000])
        {
            (List<CarBlock> blocks, CarException? error) = await CarTools.ReadAsync(CarTools.Version2(inner, padding, 500));
            Assert.Null(error);
            Assert.Equal(_blocks.Select(block => block.Cid), blocks.Select(block => block.Cid));
            Assert.Equal(51 + padding + inner[0] + 1, blocks[0].Offset);
        }
    }

    [Fact]
    public async Task A_version_2_that_ends_before_its_data_does_is_cut_short_even_between_sections()
    {
        byte[] inner = await CarTools.WriteAsync([_blocks[0].Cid], _blocks);
        byte[] car = CarTools.Version2(inner, 0, 0);
        (List<CarBlock> blocks, CarException? error) = await CarTools.ReadAsync(car[..^40]);
        Assert.Equal(2, blocks.Count);
        Assert.Equal(car.Length - 40, error!.Offset);
        Assert.Contains("should end", error.Message);
    }

    [Fact]
    public async Task A_version_2_whose_size_cuts_a_section_is_cut_short_though_the_bytes_are_there()
    {
        byte[] inner = await CarTools.WriteAsync([_blocks[0].Cid], _blocks);
        (List<CarBlock> blocks, CarException? error) = await CarTools.ReadAsync(CarTools.Version2(inner, 0, 10, inner.Length - 1));
        Assert.Equal(2, blocks.Count);
        Assert.Contains("ends after 38", error!.Message);
    }

    [Theory]
    [InlineData(0x00, 100)]
    [InlineData(0x32, 100)]
    public async Task A_version_2_whose_data_would_stand_in_its_header_is_refused(byte offset, long size)
    {
        byte[] car = CarTools.Version2(await CarTools.WriteAsync([_blocks[0].Cid], _blocks), 0, 0, size);
        car[27] = offset;
        Assert.Contains("header of version 2 puts", (await CarTools.ReadAsync(car)).Error!.Message);
    }

    [Fact]
    public async Task A_version_2_with_numbers_beyond_any_file_is_refused()
    {
        byte[] car = CarTools.Version2(await CarTools.WriteAsync([_blocks[0].Cid], _blocks), 0, 0, long.MaxValue);
        Assert.Contains("header of version 2 puts", (await CarTools.ReadAsync(car)).Error!.Message);
        car = CarTools.Version2(await CarTools.WriteAsync([_blocks[0].Cid], _blocks), 0, 0);
        car[33] = 0x7F;
        Assert.Contains("should begin", (await CarTools.ReadAsync(car)).Error!.Message);
    }

    [Fact]
    public async Task A_version_2_in_a_version_2_is_refused()
    {
        byte[] inner = CarTools.Version2(await CarTools.WriteAsync([_blocks[0].Cid], _blocks), 0, 0);
        Assert.Contains("not of version 1", (await CarTools.ReadAsync(CarTools.Version2(inner, 0, 0))).Error!.Message);
    }

    [Fact]
    public async Task Blocks_with_identity_cids_and_no_bytes_are_read()
    {
        (Cid, byte[])[] blocks = [(Cid.Compute(Multicodec.Raw, [7], MultihashCode.Identity), [7]), (Cid.Compute(Multicodec.Raw, []), [])];
        (List<CarBlock> read, CarException? error) = await CarTools.ReadAsync(await CarTools.WriteAsync([blocks[0].Item1], blocks));
        Assert.Null(error);
        Assert.Equal([1, 0], read.Select(block => block.Data.Length));
    }

    [Fact]
    public async Task The_stream_is_closed_or_left_open_as_it_was_asked_for()
    {
        byte[] car = await CarTools.WriteAsync([_blocks[0].Cid], _blocks);
        var kept = new MemoryStream(car);
        await (await CarReader.OpenAsync(kept, leaveOpen: true)).DisposeAsync();
        Assert.True(kept.CanRead);
        var closed = new MemoryStream(car);
        await (await CarReader.OpenAsync(closed)).DisposeAsync();
        Assert.False(closed.CanRead);
    }
}

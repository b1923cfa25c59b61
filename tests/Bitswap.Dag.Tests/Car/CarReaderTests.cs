using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Car;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Tests.Shared;

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
    [InlineData("ffffffff7f", "ends after 0")]
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
    public async Task The_size_of_the_header_is_bounded_which_is_a_limit_and_no_damage()
    {
        byte[] car = await CarTools.WriteAsync([_blocks[0].Cid], _blocks);
        int header = car[0];
        Assert.Null((await CarTools.ReadAsync(car, new CarOptions { MaxHeaderSize = header })).Error);
        CarException over = (await CarTools.ReadAsync(car, new CarOptions { MaxHeaderSize = header - 1 })).Error!;
        CarException claimed = (await CarTools.ReadAsync([0xFF, 0xFF, 0xFF, 0xFF, 0x0F])).Error!;
        Assert.Equal((DagErrorIds.DagLimitExceeded, DagErrorIds.DagLimitExceeded), (over.ErrorId, claimed.ErrorId));
        Assert.Contains($"{header} bytes, over the limit of {header - 1}", over.Message);
        Assert.Contains("over the limit of 33554432", claimed.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CarOptions { MaxHeaderSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CarOptions { MaxHeaderSize = (1 << 25) + 1 });
    }

    [Fact]
    public async Task A_header_that_claims_more_than_there_is_costs_no_memory_for_it()
    {
        // 32 MiB are claimed, and 3 bytes follow
        byte[] car = [0x80, 0x80, 0x80, 0x10, 1, 2, 3];
        long before = GC.GetAllocatedBytesForCurrentThread();
        CarException error = (await CarTools.ReadAsync(car)).Error!;
        Assert.Contains("within its header", error.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3 << 20);
    }

    [Fact]
    public async Task As_many_roots_as_a_header_of_32_MiB_holds_are_written_and_read_and_no_more()
    {
        Cid[] roots = [.. Enumerable.Range(0, 26_000).Select(i => Cid.Compute(Multicodec.Raw, BitConverter.GetBytes(i)))];
        await using (CarReader reader = await CarReader.OpenAsync(new MemoryStream(await CarTools.WriteAsync(roots, []))))
        {
            Assert.Equal(roots, reader.Roots);
        }

        int most = (CarOptions.HeaderCeiling - 22) / 41;
        using var stream = new MemoryStream();
        CarException error = await Assert.ThrowsAsync<CarException>(async () => await CarWriter.CreateAsync(stream, Enumerable.Repeat(roots[0], most + 1).ToArray()));
        Assert.Equal(DagErrorIds.DagLimitExceeded, error.ErrorId);
        Assert.Equal(0, stream.Length);
        byte[] full = await CarTools.WriteAsync(Enumerable.Repeat(roots[0], most).ToArray(), []);
        Assert.Null((await CarTools.ReadAsync(full)).Error);
    }

    [Fact]
    public async Task What_may_be_no_block_is_passed_over_and_what_follows_it_is_read()
    {
        byte[] big = new byte[BlockRule.MaxBlockSize + 1];
        Cid shortDigest = Cid.CreateV1(Multicodec.Raw, Multihash.Compute(MultihashCode.Sha256, [9], 16));
        Cid longIdentity = Cid.Compute(Multicodec.Raw, new byte[129], MultihashCode.Identity);
        Cid unknown = Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(0xd5, new byte[16]));
        (Cid, byte[])[] refused = [(Cid.Compute(Multicodec.Raw, big), big), (shortDigest, [9]), (longIdentity, new byte[129]), (unknown, [1])];
        byte[] car = await CarTools.WriteAsync([_blocks[0].Cid], [_blocks[0], .. refused, _blocks[1], (Cid.Compute(Multicodec.Raw, big[..^1]), big[..^1]), _blocks[2]]);

        foreach (CarOptions options in (CarOptions[])[new(), new() { MaxSectionSize = BlockRule.MaxBlockSize + 36 }])
        {
            (List<CarBlock> blocks, CarException? error) = await CarTools.ReadAsync(car, options);
            Assert.Null(error);
            Assert.Equal([_blocks[0].Cid, _blocks[1].Cid, Cid.Compute(Multicodec.Raw, big[..^1]), _blocks[2].Cid], blocks.Select(block => block.Cid));
        }

        List<CarException> passed = [];
        Assert.Null((await CarTools.ReadAsync(new MemoryStream(car), passedOver: passed)).Error);
        Assert.Equal(refused.Select(block => block.Item1), passed.Select(error => error.Cid));
        Assert.Equal(
            [DagErrorIds.BlockTooLarge, DagErrorIds.InvalidMultihash, DagErrorIds.InvalidMultihash, DagErrorIds.InvalidMultihash],
            passed.Select(error => error.ErrorId));
        Assert.Equal(passed.Select(error => error.Offset).Order(), passed.Select(error => error.Offset));
        Assert.Equal([$"over the limit of {BlockRule.MaxBlockSize}", "under the bound of 20", "over the bound of 128", "hash function 0xd5"], passed.Select(Cause));
    }

    [Fact]
    public async Task A_section_over_its_limit_is_passed_over_without_being_held()
    {
        byte[] car = await CarTools.WriteAsync([_blocks[0].Cid], [_blocks[0], (Cid.Compute(Multicodec.Raw, new byte[3000]), new byte[3000]), _blocks[1]]);
        List<CarException> passed = [];
        (List<CarBlock> blocks, CarException? error) = await CarTools.ReadAsync(new MemoryStream(car), new CarOptions { MaxSectionSize = 39 }, passed);
        Assert.Null(error);
        Assert.Equal([_blocks[0].Cid, _blocks[1].Cid], blocks.Select(block => block.Cid));
        Assert.Contains("3036 bytes, over the limit of 39", Assert.Single(passed).Message);
        Assert.Equal(DagErrorIds.BlockTooLarge, passed[0].ErrorId);
        Assert.Contains("ends after 2000", (await CarTools.ReadAsync(car[..(car.Length - 1 - 39 - 1036)], new CarOptions { MaxSectionSize = 39 })).Error!.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CarOptions { MaxSectionSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CarOptions { MaxSectionSize = (1 << 30) + 1 });
    }

    [Fact]
    public async Task A_section_that_claims_more_than_there_is_costs_no_memory_for_it()
    {
        byte[] car = Convert.FromHexString("11a265726f6f7473806776657273696f6e01" + "ffffffff03" + "0155");
        long before = GC.GetAllocatedBytesForCurrentThread();
        (_, CarException? error) = await CarTools.ReadAsync(car, new CarOptions { MaxSectionSize = 1 << 30 });
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3 << 20);
        Assert.Contains("a section of 1073741823 bytes ends after 2", error?.Message);
    }

    [Fact]
    public async Task A_large_section_that_comes_in_pieces_is_whole()
    {
        byte[] data = new Random(1).Bytes((3 << 19) + 7);
        Cid cid = Cid.Compute(Multicodec.Raw, data);
        byte[] car = await CarTools.WriteAsync([cid], [(cid, data)]);
        (List<CarBlock> blocks, CarException? error) = await CarTools.ReadAsync(new DribbleStream(car, 70_001));
        Assert.Null(error);
        Assert.Equal(data, Assert.Single(blocks).Data.ToArray());
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

    private static string Cause(CarException error) =>
        ((string[])[$"over the limit of {BlockRule.MaxBlockSize}", "under the bound of 20", "over the bound of 128", "hash function 0xd5"]).Single(error.Message.Contains);
}

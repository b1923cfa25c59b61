using Bitswap.Blocks;
using Bitswap.Errors;

namespace Bitswap.Tests;

public sealed class BlockInputTests
{
    private const int Limit = 1000;
    private readonly BlockInput _input = new(Limit);

    [Fact]
    public void Bytes_that_follow_one_another_are_one_block()
    {
        Assert.Empty(Take((byte)1));
        Assert.Empty(Take((byte)2));
        BlockData[] ready = [.. Take("text")];
        Assert.Equal([1, 2], ready[0].Data.ToArray());
        Assert.Equal("text"u8.ToArray(), ready[1].Data.ToArray());
        Assert.Null(_input.Flush());
    }

    [Theory]
    [InlineData(Limit)]
    [InlineData(0)]
    public void Data_up_to_the_limit_is_taken(int size) => Assert.Equal(size, Assert.Single(Take(new byte[size])).Data.Length);

    [Fact]
    public void Data_over_the_limit_is_refused_in_every_form()
    {
        byte[] big = new byte[Limit + 1];
        Assert.Equal("BlockTooLarge", Refused(() => Assert.Single(Take(big))));
        Assert.Equal("BlockTooLarge", Refused(() => Assert.Single(Take(new MemoryStream(big)))));
        Assert.Equal("BlockTooLarge", Refused(() => Assert.Single(Take(new Unseekable(big)))));
        Assert.Equal("BlockTooLarge", Refused(() => Assert.Single(Take(new string('x', Limit + 1)))));
        foreach (byte value in big)
        {
            Assert.Empty(Take(value));
        }

        Func<BlockData> rest = _input.Flush()!;
        Assert.Equal("BlockTooLarge", Refused(() => rest()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Limit - 1)]
    [InlineData(Limit)]
    public void Streams_are_read_to_their_end_whether_or_not_their_length_is_known(int size)
    {
        byte[] data = new byte[size];
        new Random(size).NextBytes(data);
        Assert.Equal(data, Assert.Single(Take(new MemoryStream(data))).Data.ToArray());
        Assert.Equal(data, Assert.Single(Take(new Unseekable(data))).Data.ToArray());
    }

    [Fact]
    public void A_stream_is_read_from_where_it_stands()
    {
        MemoryStream stream = new([1, 2, 3]) { Position = 1 };
        Assert.Equal([2, 3], Assert.Single(Take(stream)).Data.ToArray());
    }

    [Fact]
    public void A_closed_stream_is_an_error_of_the_item()
    {
        MemoryStream closed = new();
        closed.Dispose();
        Assert.Equal("ReadFailed", Refused(() => Assert.Single(Take(closed))));
    }

    [Fact]
    public void What_is_no_data_is_refused() => Assert.Equal("InvalidInput", Refused(() => Assert.Single(Take(new Version(1, 0)))));

    [Fact]
    public void A_block_comes_with_its_cid()
    {
        Cid cid = Cid.Compute(0x55, "x"u8);
        BlockData data = Assert.Single(Take(new BitswapBlock(cid, 1, "x"u8.ToArray(), null, null)));
        Assert.Equal(cid, data.Expected);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_error_of_the_item() =>
        Assert.Equal("PathNotFound", Refused(() => _input.File(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString()), CancellationToken.None)));

    private IEnumerable<BlockData> Take(object item) => [.. _input.Take(item, CancellationToken.None).Select(read => read())];

    private static string Refused(Func<object> read) => Assert.Throws<FaultException>(read).Fault.ErrorId;

    private sealed class Unseekable(byte[] data) : MemoryStream(data)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 7)], cancellationToken);
    }
}

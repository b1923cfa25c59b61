namespace Bitswap.Protocol.Tests.Messages;

/// <summary>Memory is used again when it was given back by all, once, and by nobody who does not know.</summary>
public sealed class FrameMemoryTests
{
    private const int Size = 300_000;
    private readonly FrameMemory _memory = new();

    [Fact]
    public void What_came_back_is_lent_again()
    {
        byte[] first = _memory.Rent(Size);
        _memory.Return(first.AsMemory(40, 100));

        Assert.Same(first, _memory.Rent(Size));
        Assert.NotSame(first, _memory.Rent(Size));
    }

    [Fact]
    public void What_somebody_keeps_is_never_lent_again()
    {
        byte[] kept = _memory.Rent(Size);
        _memory.Keep(kept.AsMemory(40, 100));
        _memory.Return(kept);

        Assert.NotSame(kept, _memory.Rent(Size));
    }

    [Fact]
    public void What_is_given_back_twice_is_lent_once()
    {
        byte[] array = _memory.Rent(Size);
        _memory.Return(array);
        _memory.Return(array);

        Assert.Same(array, _memory.Rent(Size));
        Assert.NotSame(array, _memory.Rent(Size));
    }

    [Fact]
    public void What_was_not_lent_here_is_left_alone()
    {
        byte[] foreign = new byte[Size];
        _memory.Return(foreign);

        Assert.NotSame(foreign, _memory.Rent(Size));
    }

    [Theory]
    [InlineData(Size, true)]
    [InlineData(Size - (Size / 10), true)]
    [InlineData(Size - (Size / 5), false)]
    [InlineData(Size + 1, false)]
    public void A_frame_gets_an_array_that_fits_it_closely(int size, bool fits)
    {
        byte[] array = _memory.Rent(Size);
        _memory.Return(array);

        Assert.Equal(fits, ReferenceEquals(array, _memory.Rent(size)));
    }

    [Fact]
    public void No_more_than_8_MiB_are_held_for_later()
    {
        const int Large = 1 << 20;
        byte[][] arrays = [.. Enumerable.Range(0, 20).Select(_ => _memory.Rent(Large))];
        foreach (byte[] array in arrays)
        {
            _memory.Return(array);
        }

        byte[][] again = [.. Enumerable.Range(0, 20).Select(_ => _memory.Rent(Large))];

        Assert.Equal(8, again.Count(array => arrays.Contains(array)));
    }

    [Fact]
    public void Spares_of_a_size_that_is_no_longer_asked_for_make_way()
    {
        byte[][] old = [.. Enumerable.Range(0, 8).Select(_ => _memory.Rent(1 << 20))];
        foreach (byte[] array in old)
        {
            _memory.Return(array);
        }

        byte[] other = _memory.Rent(256 << 10);
        _memory.Return(other);

        Assert.Same(other, _memory.Rent(256 << 10));
    }

    [Fact]
    public void Nothing_and_less_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => _memory.Rent(0));
}

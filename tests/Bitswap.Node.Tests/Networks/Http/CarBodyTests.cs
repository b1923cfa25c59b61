using Bitswap.Node.Networks.Http;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>In what time a CAR comes; by a clock of the test.</summary>
public sealed class CarBodyTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider _clock = new();
    private readonly byte[] _buffer = new byte[1 << 20];

    [Fact]
    public async Task One_that_drips_is_too_slow_however_much_came_before()
    {
        using CarBody body = Open(() => (TimeSpan.FromSeconds(1), 100));
        for (int i = 0; i < 9; i++)
        {
            Assert.Equal(100, await body.ReadAsync(_buffer));
        }

        TimeoutException slow = await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            while (await body.ReadAsync(_buffer) > 0)
            {
                // until it throws
            }
        });
        Assert.Contains("too slowly", slow.Message);
    }

    [Fact]
    public async Task One_that_comes_as_fast_as_blocks_may_goes_on_and_time_without_a_read_does_not_count()
    {
        using CarBody body = Open(() => (TimeSpan.FromSeconds(4), 51_000));
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(51_000, await body.ReadAsync(_buffer));
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(5_100_000, body.Came);
    }

    [Fact]
    public async Task One_that_is_silent_is_told_by_how_much_came()
    {
        using CarBody body = Open(() => (_patience, 0));
        TimeoutException silent = await Assert.ThrowsAsync<TimeoutException>(() => body.ReadAsync(_buffer).AsTask().WaitAsync(_patience));
        Assert.Contains("after 0 bytes: nothing came for 10 seconds", silent.Message);
    }

    private CarBody Open(Func<(TimeSpan After, int Bytes)> next) => new(new Line(_clock, next), new NoRoom(), static _ => true, TimeSpan.FromSeconds(10), _clock, default);

    /// <summary>Gives so many bytes, and moves the clock before each.</summary>
    private sealed class Line(FakeTimeProvider clock, Func<(TimeSpan After, int Bytes)> next) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            (TimeSpan after, int bytes) = next();
            clock.Advance(after);
            cancellationToken.ThrowIfCancellationRequested();
            return new ValueTask<int>(bytes);
        }
    }

    private sealed class NoRoom : IMessageAdmission
    {
        public ValueTask<IMessageRoom> ReserveAsync(int size, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask ArrivingAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}

using System.Threading.Channels;
using Bitswap.Libp2p.Transports.Tcp;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Transports.Tcp;

public sealed class DialRaceTests
{
    private static readonly TimeSpan _stagger = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();
    private readonly Channel<int> _started = Channel.CreateUnbounded<int>();
    private readonly TaskCompletionSource<string>[] _attempts =
        [.. Enumerable.Range(0, 4).Select(_ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously))];

    private readonly List<string> _discarded = [];
    private readonly bool[] _cancelled = new bool[4];

    [Fact]
    public async Task The_next_attempt_starts_250_ms_after_the_last_and_not_before()
    {
        Task<RaceResult<string>> race = RunAsync(3);

        Assert.Equal(0, await NextStartedAsync());
        _clock.Advance(_stagger - TimeSpan.FromMilliseconds(1));
        Assert.False(_started.Reader.TryRead(out _));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, await NextStartedAsync());
        await AdvanceUntilStartedAsync(2);

        _attempts[1].SetResult("second");
        RaceResult<string> result = await race.WaitAsync(_patience);
        Assert.True(result.HasWinner);
        Assert.Equal("second", result.Winner);
        Assert.True(_cancelled[0] && _cancelled[2]);
    }

    [Fact]
    public async Task A_failure_starts_the_next_attempt_at_once()
    {
        Task<RaceResult<string>> race = RunAsync(2);
        Assert.Equal(0, await NextStartedAsync());

        _attempts[0].SetException(new IOException("refused"));

        Assert.Equal(1, await NextStartedAsync());
        _attempts[1].SetResult("second");
        RaceResult<string> result = await race.WaitAsync(_patience);
        Assert.Equal("second", result.Winner);
        Assert.Equal((0, "refused"), (result.Failures[0].Index, result.Failures[0].Error.Message));
    }

    [Fact]
    public async Task When_all_fail_each_failure_is_told()
    {
        Task<RaceResult<string>> race = RunAsync(3);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(i, await NextStartedAsync());
            _attempts[i].SetException(new IOException($"failure {i}"));
        }

        RaceResult<string> result = await race.WaitAsync(_patience);

        Assert.False(result.HasWinner);
        Assert.Equal(["failure 0", "failure 1", "failure 2"], result.Failures.Select(f => f.Error.Message));
    }

    [Fact]
    public async Task What_a_loser_made_all_the_same_is_discarded()
    {
        Task<RaceResult<string>> race = DialRace.RunAsync(
            2,
            async (index, ct) =>
            {
                await _started.Writer.WriteAsync(index, CancellationToken.None);
                if (index == 1)
                {
                    return "winner";
                }
                // succeeds at the very moment it is told to stop
                using CancellationTokenRegistration stop = ct.Register(() => _attempts[0].SetResult("late"));
                return await _attempts[0].Task;
            },
            DiscardAsync,
            _stagger,
            _clock,
            CancellationToken.None);
        Assert.Equal(0, await NextStartedAsync());
        await AdvanceUntilStartedAsync(1);

        Assert.Equal("winner", (await race.WaitAsync(_patience)).Winner);
        Assert.Equal(["late"], _discarded);
    }

    [Fact]
    public async Task A_cancelled_race_cancels_its_attempts()
    {
        using var cancellation = new CancellationTokenSource();
        Task<RaceResult<string>> race = RunAsync(2, cancellation.Token);
        Assert.Equal(0, await NextStartedAsync());

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => race.WaitAsync(_patience));
        Assert.True(_cancelled[0]);
        Assert.False(_started.Reader.TryRead(out _));
    }

    [Fact]
    public async Task A_race_of_none_fails()
    {
        Assert.False((await RunAsync(0).WaitAsync(_patience)).HasWinner);
    }

    private Task<RaceResult<string>> RunAsync(int count, CancellationToken ct = default) =>
        DialRace.RunAsync(count, AttemptAsync, DiscardAsync, _stagger, _clock, ct);

    private async Task<string> AttemptAsync(int index, CancellationToken ct)
    {
        await _started.Writer.WriteAsync(index, CancellationToken.None);
        try
        {
            return await _attempts[index].Task.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            _cancelled[index] = true;
            throw;
        }
    }

    private ValueTask DiscardAsync(string made)
    {
        _discarded.Add(made);
        return ValueTask.CompletedTask;
    }

    private Task<int> NextStartedAsync() => _started.Reader.ReadAsync().AsTask().WaitAsync(_patience);

    // the race sets its timer a little after it starts an attempt
    private async Task AdvanceUntilStartedAsync(int index)
    {
        Task<int> next = NextStartedAsync();
        for (int i = 0; i < 1000 && !next.IsCompleted; i++)
        {
            _clock.Advance(_stagger);
            await Task.WhenAny(next, Task.Delay(5));
        }
        Assert.Equal(index, await next);
    }
}

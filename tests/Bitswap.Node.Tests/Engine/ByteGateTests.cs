using Bitswap.Node.Engine;

namespace Bitswap.Node.Tests.Engine;

public sealed class ByteGateTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_reader_waits_while_the_gate_is_over_its_limit()
    {
        ByteGate gate = new(100);
        await gate.EnterAsync(150, default);

        Task waiting = gate.EnterAsync(10, default).AsTask();
        Assert.False(waiting.IsCompleted);
        gate.Release(40);
        Assert.False(waiting.IsCompleted);

        gate.Release(20);
        await waiting.WaitAsync(_patience);
        Assert.Equal(100, gate.Held);
    }

    [Fact]
    public async Task What_is_in_memory_already_is_counted_without_waiting()
    {
        ByteGate gate = new(100);
        gate.Add(500);

        Task waiting = gate.EnterAsync(1, default).AsTask();
        Assert.False(waiting.IsCompleted);

        gate.Release(500);
        await waiting.WaitAsync(_patience);
        Assert.Equal(1, gate.Held);
    }

    [Fact]
    public async Task A_reader_that_gives_up_holds_nothing()
    {
        ByteGate gate = new(1);
        await gate.EnterAsync(1, default);
        using CancellationTokenSource giveUp = new();
        Task waiting = gate.EnterAsync(1, giveUp.Token).AsTask();

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        gate.Release(1);
        await gate.EnterAsync(1, default).AsTask().WaitAsync(_patience);
        Assert.Equal(1, gate.Held);
    }
}

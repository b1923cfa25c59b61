using Bitswap.Node.Core;

namespace Bitswap.Node.Tests.Core;

public sealed class ByteGateTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_reader_waits_while_the_gate_is_over_its_limit()
    {
        ByteGate gate = new(100);
        ByteGate.Share share = gate.Open();
        await share.EnterAsync(150, default);

        Task waiting = share.EnterAsync(10, default).AsTask();
        Assert.False(waiting.IsCompleted);
        share.Release(40);
        Assert.False(waiting.IsCompleted);

        share.Release(20);
        await waiting.WaitAsync(_patience);
        Assert.Equal(100, gate.Held);
    }

    [Fact]
    public async Task What_is_in_memory_already_is_counted_without_waiting()
    {
        ByteGate gate = new(100);
        gate.Add(500);

        Task waiting = gate.Open().EnterAsync(1, default).AsTask();
        Assert.False(waiting.IsCompleted);

        gate.Release(500);
        await waiting.WaitAsync(_patience);
        Assert.Equal(1, gate.Held);
    }

    [Fact]
    public async Task A_reader_that_gives_up_holds_nothing()
    {
        ByteGate gate = new(1);
        ByteGate.Share share = gate.Open();
        await share.EnterAsync(1, default);
        using CancellationTokenSource giveUp = new();
        Task waiting = share.EnterAsync(1, giveUp.Token).AsTask();

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        share.Release(1);
        await share.EnterAsync(1, default).AsTask().WaitAsync(_patience);
        Assert.Equal(1, gate.Held);
    }

    [Fact]
    public async Task Peers_that_want_more_than_their_part_leave_room_for_a_newcomer()
    {
        ByteGate gate = new(1200);
        ByteGate.Share[] floods = [gate.Open(), gate.Open()];
        foreach (ByteGate.Share flood in floods)
        {
            await flood.EnterAsync(100, default);
        }

        // of 1200, a third for each of the two and for one more
        Assert.All(floods, flood => Assert.Equal(4, EnterWhileItMay(flood)));

        Task newcomer = gate.Open().EnterAsync(100, default).AsTask();
        Assert.True(newcomer.IsCompletedSuccessfully);
        Assert.Equal(900, gate.Held);
    }

    [Fact]
    public async Task Peers_that_wait_are_let_in_in_turns_whatever_the_length_of_their_queues()
    {
        ByteGate gate = new(100);
        gate.Add(100);
        ByteGate.Share flood = gate.Open();
        ByteGate.Share honest = gate.Open();
        Task[] floods = [.. Enumerable.Range(0, 5).Select(_ => flood.EnterAsync(100, default).AsTask())];
        Task wanted = honest.EnterAsync(100, default).AsTask();

        gate.Release(100);
        await floods[0].WaitAsync(_patience);
        Assert.False(wanted.IsCompleted);

        flood.Release(100);
        await wanted.WaitAsync(_patience);
        Assert.All(floods[1..], task => Assert.False(task.IsCompleted));

        honest.Release(100);
        await floods[1].WaitAsync(_patience);
    }

    private static int EnterWhileItMay(ByteGate.Share share)
    {
        int entered = 1;
        while (share.EnterAsync(100, default).AsTask().IsCompletedSuccessfully)
        {
            entered++;
        }

        return entered;
    }
}

using Bitswap.Node.Networks;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Peers;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Peers;

/// <summary>A peer that only costs is slowed, and one that gives or takes blocks is not. The clock stands unless a test moves it.</summary>
public sealed class EntryAllowanceTests
{
    private const int Rate = 1024;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryNetwork _network = new(seed: 5);

    [Fact]
    public async Task What_is_asked_beyond_the_rate_waits_until_the_time_has_paid_for_it()
    {
        EntryAllowance allowance = new EntryRate(1000, _clock).Open();
        Assert.True(allowance.SpendAsync(1000, default).AsTask().IsCompletedSuccessfully);

        Task waiting = allowance.SpendAsync(500, default).AsTask();
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.False(waiting.IsCompleted);

        await AdvanceUntilAsync(waiting);
    }

    [Fact]
    public async Task Blocks_earn_it_back_up_to_what_may_come_at_once()
    {
        EntryAllowance allowance = new EntryRate(1000, _clock).Open();
        allowance.Earn(1_000_000);
        Assert.True(allowance.SpendAsync(1000, default).AsTask().IsCompletedSuccessfully);

        allowance.Earn(10);
        Assert.True(allowance.SpendAsync(10 * EntryAllowance.Earned, default).AsTask().IsCompletedSuccessfully);
        Task waiting = allowance.SpendAsync(1000, default).AsTask();
        Assert.False(waiting.IsCompleted);
        allowance.Earn(250);
        await AdvanceUntilAsync(waiting);
    }

    [Fact]
    public async Task However_many_ask_too_fast_together_they_get_no_more_than_four_would()
    {
        EntryRate rate = new(1000, _clock);
        EntryAllowance[] floods = [.. Enumerable.Range(0, 16).Select(_ => rate.Open())];
        Task[] waiting = [.. floods.Select(flood => flood.SpendAsync(1500, default).AsTask())];

        // 500 each at a quarter of the rate, which is two seconds
        for (int i = 0; i < 19; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.All(waiting, task => Assert.False(task.IsCompleted));
        await AdvanceUntilAsync(Task.WhenAll(waiting));

        // none waits any more, and who asks now waits at its own rate
        Assert.Equal(1000, rate.OfWaiting);
    }

    [Fact]
    public void Without_a_rate_no_peer_waits() => Assert.True(new EntryRate(0, _clock).Open().SpendAsync(int.MaxValue, default).AsTask().IsCompletedSuccessfully);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Floods_are_read_no_further_than_they_may_ask_while_who_takes_blocks_goes_on(bool full)
    {
        const int floods = 8;
        const int perMessage = 3000;
        await using NodeHost node = await NodeHost.StartAsync(
            new NodeOptions { Network = _network.CreatePeer(), Clock = _clock, PeerEntryRate = Rate, Seed = 1 });
        Block[] blocks = Samples.Blocks(5 * Rate, size: 40);
        await Samples.PutAsync(node, blocks);
        using CancellationTokenSource stop = new();
        List<RawPeer> attackers = [];
        List<Task> flooding = [];
        for (int i = 0; i < floods; i++)
        {
            RawPeer attacker = await RawPeer.StartAsync(_network.CreatePeer());
            await attacker.ConnectAsync(node);
            attackers.Add(attacker);
            flooding.Add(FloodAsync(attacker, node, i, full, stop.Token));
        }

        // each has asked what it may, and its next part waits
        const int most = floods * Rate;
        await Poll.UntilAsync(async () => (await node.GetStatAsync()).Engine.PeerWantsReceived >= floods * Rate);

        // the honest one asks for more than it may at once, which it can only because it takes the blocks
        await using RawPeer honest = await RawPeer.StartAsync(_network.CreatePeer());
        await honest.ConnectAsync(node);
        int received = 0;
        foreach (Block[] some in blocks.Chunk(256))
        {
            await honest.SendAsync(node, new BitswapMessage { Wantlist = [.. some.Select(block => new WantlistEntry(block.Cid))] });
            for (int got = 0; got < some.Length;)
            {
                got += (await honest.ReceiveAsync()).Blocks.Count;
                received = got;
            }
        }

        Assert.Equal(256, received);
        Assert.InRange((await node.GetStatAsync()).Engine.PeerWantsReceived, blocks.Length, blocks.Length + most);
        await stop.CancelAsync();
        await Task.WhenAll(flooding).WaitAsync(_patience);
        foreach (RawPeer attacker in attackers)
        {
            await attacker.DisposeAsync();
        }

        async Task FloodAsync(RawPeer attacker, NodeHost target, int seed, bool isFull, CancellationToken over)
        {
            await using IByteStream stream = await attacker.OpenAsync(target);
            for (int round = 0; !over.IsCancellationRequested; round++)
            {
                BitswapMessage message = new()
                {
                    Full = isFull,
                    Wantlist = [.. Enumerable.Range(round * perMessage, perMessage).Select(i => new WantlistEntry(Absent(seed, i), SendDontHave: true))],
                };
                byte[] frame = new byte[MessageCodec.GetFrameSize(message, BitswapVersion.V120)];
                MessageCodec.EncodeFrame(message, BitswapVersion.V120, frame);
                try
                {
                    await stream.WriteAsync(frame, over);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        }
    }

    private async Task AdvanceUntilAsync(Task waiting)
    {
        await Poll.UntilAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            return Task.FromResult(waiting.IsCompleted);
        });
        await waiting;
    }

    private static Cid Absent(int seed, int i) => Cid.Compute(Bitswap.Multiformats.Multicodec.Raw, [1, .. BitConverter.GetBytes(seed), .. BitConverter.GetBytes(i)]);
}

using System.Collections.Concurrent;
using System.Diagnostics;
using Bitswap.Node;
using Bitswap.Tests.Shared;

namespace Bitswap.Tests;

/// <summary>The events of a node, and what a bad subscriber costs.</summary>
public sealed class NodeEventsTests : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private BitswapNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        NodeOptions options = new();
        _node = new BitswapNode($"test-{Guid.NewGuid():N}", await NodeHost.StartAsync(options), options.ListenAddresses, Guid.Empty, null);
    }

    public async ValueTask DisposeAsync() => await _node.StopAsync();

    [Fact]
    public async Task They_come_in_order_to_who_subscribed_and_to_nobody_after_that()
    {
        ConcurrentQueue<(string Name, long Id)> seen = new();
        EventHandler<BitswapWantEventArgs> started = (_, args) => seen.Enqueue(("started", args.Id));
        EventHandler<BitswapWantEventArgs> ended = (_, args) => seen.Enqueue((args.Outcome!, args.Id));
        _node.WantStarted += started;
        _node.WantEnded += ended;

        NodeWant want = await _node.Host.WantAsync(CidOf("1"), new WantOptions());
        await want.CancelAsync();
        await Poll.UntilAsync(() => seen.Count == 2);
        Assert.Equal([("started", want.Id), ("WantCancelled", want.Id)], seen);

        _node.WantStarted -= started;
        _node.WantEnded -= ended;
        _node.WantEnded -= ended;
        await (await _node.Host.WantAsync(CidOf("2"), new WantOptions())).CancelAsync();
        // asked of the loop, so that what was posted before is over
        await _node.Host.GetStatAsync();
        _node.WantStarted += started;
        NodeWant third = await _node.Host.WantAsync(CidOf("3"), new WantOptions());
        await Poll.UntilAsync(() => seen.Count == 3);
        Assert.Equal(("started", third.Id), seen.Last());
    }

    [Fact]
    public async Task A_subscriber_that_throws_is_counted_and_the_next_event_comes()
    {
        int called = 0;
        _node.WantStarted += (_, _) =>
        {
            Interlocked.Increment(ref called);
            throw new InvalidOperationException("a subscriber of anyone's");
        };

        await _node.Host.WantAsync([CidOf("1"), CidOf("2")], new WantOptions());

        await Poll.UntilAsync(() => _node.EventsFailed == 2);
        Assert.Equal(2, called);
        Assert.True(_node.IsRunning);
    }

    [Fact]
    public async Task A_subscriber_that_hangs_loses_events_which_are_counted_and_the_node_goes_on()
    {
        using ManualResetEventSlim hang = new();
        int called = 0;
        _node.WantStarted += (_, _) =>
        {
            Interlocked.Increment(ref called);
            Assert.True(hang.Wait(_patience, CancellationToken.None));
        };
        await _node.Host.WantAsync(CidOf("first"), new WantOptions());
        await Poll.UntilAsync(() => Volatile.Read(ref called) == 1);

        Cid[] many = [.. Enumerable.Range(0, 20_000).Select(number => CidOf(number.ToString(System.Globalization.CultureInfo.InvariantCulture)))];
        await _node.Host.WantAsync(many, new WantOptions());
        await _node.Host.GetStatAsync();

        Assert.Equal(20_000 - 16_384, _node.EventsDropped);
        hang.Set();
        await Poll.UntilAsync(() => Volatile.Read(ref called) == 1 + 16_384);
    }

    private static Cid CidOf(string text) => Cid.Compute(0x55, System.Text.Encoding.UTF8.GetBytes(text));

}

using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Protocol;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests;

/// <summary>A store that fails, denies or hangs: its blocks end with the reason, the others go on.</summary>
public sealed class TroubledStoreTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly FakeTimeProvider _clock = new();
    private readonly MemoryNetwork _network = new(seed: 9);
    private readonly Block[] _blocks = Samples.Blocks(8);

    [Fact]
    public async Task A_store_that_fails_or_denies_ends_its_wants_with_the_reason_and_no_others()
    {
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer() });
        await Samples.PutAsync(provider, _blocks);
        await using NodeHost node = await StartAsync(provider);
        IReadOnlyList<NodeWant> wants = await node.WantAsync([_blocks[0].Cid, _blocks[1].Cid, .. _blocks[3..].Select(block => block.Cid)], new WantOptions());

        BitswapException failed = await Assert.ThrowsAsync<BitswapException>(() => wants[0].Completion.WaitAsync(_patience));
        Assert.Equal("StoreFailed", failed.ErrorId);
        Assert.Contains("The disk broke.", failed.Message);
        BitswapException denied = await Assert.ThrowsAsync<BitswapException>(() => wants[1].Completion.WaitAsync(_patience));
        Assert.Equal("StoreFailed", denied.ErrorId);
        Assert.Contains("The folder is not yours.", denied.Message);
        foreach (NodeWant want in wants.Skip(2))
        {
            await want.Completion.WaitAsync(_patience);
        }
    }

    [Fact]
    public async Task A_store_that_hangs_holds_up_neither_other_blocks_nor_the_stop()
    {
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer() });
        await Samples.PutAsync(provider, _blocks);
        NodeHost node = await StartAsync(provider);

        // looked up together: what hangs is given up in its time, and the others with it go on
        IReadOnlyList<NodeWant> wants = await node.WantAsync([_blocks[2].Cid, .. _blocks[3..].Select(block => block.Cid)], new WantOptions());
        Task others = Task.WhenAll(wants.Skip(1).Select(want => want.Completion));
        Task<Block> hung = wants[0].Completion;
        await AdvanceUntilAsync(() => others.IsCompleted && hung.IsCompleted);
        await others;
        BitswapException late = await Assert.ThrowsAsync<BitswapException>(() => hung);
        Assert.Equal("StoreFailed", late.ErrorId);
        Assert.Contains("StoreTimeout", late.Message);

        // and one that hangs while the node stops does not keep it
        NodeWant again = await node.WantAsync(_blocks[2].Cid, new WantOptions());
        await node.StopAsync().WaitAsync(_patience);
        Assert.Equal("NodeStopped", (await Assert.ThrowsAsync<BitswapException>(() => again.Completion.WaitAsync(_patience))).ErrorId);
    }

    private async Task<NodeHost> StartAsync(NodeHost provider)
    {
        NodeHost node = await NodeHost.StartAsync(new NodeOptions
        {
            Network = _network.CreatePeer(),
            Clock = _clock,
            Blockstore = new TroubledBlockstore(_blocks[0].Cid, _blocks[1].Cid, _blocks[2].Cid),
            StoreTimeout = TimeSpan.FromSeconds(5),
        });
        await node.ConnectAsync(provider.Addresses);
        return node;
    }

    private async Task AdvanceUntilAsync(Func<bool> condition) => await Poll.UntilAsync(() =>
    {
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        return Task.FromResult(condition());
    });
}

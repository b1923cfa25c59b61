using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests;

/// <summary>
/// Wants whose blocks only have to be stored: nothing of them is held, and the memory that they came in serves later ones without anybody noticing.
/// </summary>
public sealed class StoreOnlyTests
{
    private const int Size = 300_000;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_want_ends_without_the_data_and_the_store_has_it()
    {
        using TempFolder folder = new();
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions());
        await using NodeHost getter = await NodeHost.StartAsync(new NodeOptions { Path = folder["repo"] });
        Block block = Samples.Block(1, Size);
        await Samples.PutAsync(provider, [block]);
        await getter.ConnectAsync(provider.Addresses);

        NodeWant want = await getter.WantAsync(block.Cid, Fetch(getter) with { StoreOnly = true });
        Block told = await want.Completion.WaitAsync(_patience);

        Assert.Equal(block.Cid, told.Cid);
        Assert.True(told.Data.IsEmpty);
        Assert.Equal(Size, want.Size);
        Assert.Equal(provider.PeerId, want.From);
        Assert.True((await getter.Blocks.GetAsync(block.Cid, default))!.Value.Span.SequenceEqual(block.Data.Span));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Blocks_that_are_held_stay_while_the_memory_of_others_is_used_again(bool onDisk)
    {
        using TempFolder folder = new();
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions());
        await using NodeHost getter = await NodeHost.StartAsync(onDisk ? new NodeOptions { Path = folder["repo"] } : new NodeOptions());
        Block[] blocks = Samples.Blocks(120, Size);
        await Samples.PutAsync(provider, blocks);
        await getter.ConnectAsync(provider.Addresses);
        WantOptions options = Fetch(getter);

        // every third is held by its caller, every third is not, and every third is wanted in both ways and under two CIDs
        List<NodeWant> held = [];
        List<NodeWant> stored = [];
        for (int from = 0; from < blocks.Length; from += 30)
        {
            Cid[] batch = [.. blocks.Skip(from).Take(30).Select(block => block.Cid)];
            held.AddRange(await getter.WantAsync([.. batch.Where((_, i) => i % 3 != 0)], options));
            stored.AddRange(await getter.WantAsync([.. batch.Where((_, i) => i % 3 != 1)], options with { StoreOnly = true }));
            stored.AddRange(await getter.WantAsync([.. batch.Where((_, i) => i % 3 == 2).Select(Other)], options with { StoreOnly = true }));
            await Task.WhenAll(held.Concat(stored).Select(want => want.Completion)).WaitAsync(_patience);
        }

        Assert.All(held, want => Assert.True(want.Cid.Hash.Matches(want.Completion.Result.Data.Span)));
        Assert.All(stored, want => Assert.True(want.Completion.Result.Data.IsEmpty));
        foreach (Block block in blocks)
        {
            Assert.True((await getter.Blocks.GetAsync(block.Cid, default))!.Value.Span.SequenceEqual(block.Data.Span));
        }
    }

    private static Cid Other(Cid raw) => Cid.CreateV1(Multiformats.Multicodec.DagPb, raw.Hash);

    private static WantOptions Fetch(NodeHost node) => new() { Session = node.NewSession(), FailFast = true, Timeout = _patience };
}

using Bitswap.Blocks;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Node;

namespace Bitswap.Tests;

/// <summary>Adding and fetching behind the sink, on real nodes that need no PowerShell.</summary>
public sealed class BlockFetcherTests : IAsyncLifetime
{
    private BitswapNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        NodeOptions options = new() { Engine = new EngineOptions { FailFastWithoutPeers = true } };
        NodeHost host = await NodeHost.StartAsync(options);
        _node = new BitswapNode($"test-{Guid.NewGuid():N}", host, options.ListenAddresses, Guid.Empty, null);
    }

    public async ValueTask DisposeAsync() => await _node.StopAsync();

    [Fact]
    public void What_is_added_is_fetched_in_each_form()
    {
        // the sink belongs to the thread of the test, which an asynchronous start may have left
        RecordingSink sink = new();
        BitswapBlock block = Add(sink, "hello"u8.ToArray(), null);
        Assert.Equal(5, block.Size);
        Assert.Equal("hello"u8.ToArray(), Assert.IsType<byte[]>(Fetch(Cid.Parse(block.Cid), FetchOutput.Bytes)));
        Assert.Equal("hello", Fetch(Cid.Parse(block.Cid), FetchOutput.Text));
        BitswapBlock fetched = Assert.IsType<BitswapBlock>(Fetch(Cid.Parse(block.Cid), FetchOutput.Block));
        Assert.Equal(block.Cid, fetched.Cid);
        Assert.Null(fetched.From);
    }

    [Fact]
    public void Data_that_does_not_hash_to_its_cid_is_not_stored()
    {
        RecordingSink sink = new();
        Cid other = Cid.Compute(0x55, "other"u8);
        using BlockAdder adder = new(sink, TimeProvider.System, CancellationToken.None);
        adder.Add(_node, new BlockData("hello"u8.ToArray(), "hello", null, null, true), new CidFormat(null, null, 1), other);
        adder.Complete();
        Assert.Empty(sink.Objects);
        Assert.Equal(("InvalidBlock", other), (Assert.Single(sink.Faults).ErrorId, sink.Faults[0].Target));
    }

    [Fact]
    public void A_miss_is_a_fault_and_the_rest_goes_on()
    {
        RecordingSink sink = new();
        Cid known = Cid.Parse(Add(sink, "known"u8.ToArray(), null).Cid);
        Cid unknown = Cid.Compute(0x55, "unknown"u8);
        sink.Objects.Clear();
        using BlockFetcher fetcher = new(sink, new FetchOptions(), TimeProvider.System, CancellationToken.None);
        fetcher.Fetch(_node, ContentPath.Of(unknown), null, null);
        fetcher.Fetch(_node, ContentPath.Of(known), null, null);
        fetcher.Complete();
        Assert.Equal(known.ToString(), Assert.IsType<BitswapBlock>(Assert.Single(sink.Objects)).Cid);
        Assert.Equal(("BlockUnavailable", (object)unknown), (Assert.Single(sink.Faults).ErrorId, sink.Faults[0].Target!));
    }

    [Fact]
    public void A_path_gives_the_block_that_it_leads_to()
    {
        RecordingSink sink = new();
        string leaf = Add(sink, "leaf"u8.ToArray(), null).Cid;
        string root = Add(sink, System.Text.Encoding.UTF8.GetBytes($$"""{"a":[1,{"/":"{{leaf}}"}]}"""), null, "dag-json").Cid;
        sink.Objects.Clear();
        foreach (bool local in (bool[])[false, true])
        {
            using BlockFetcher fetcher = new(sink, new FetchOptions { Local = local, Output = FetchOutput.Text }, TimeProvider.System, CancellationToken.None);
            fetcher.Fetch(_node, ContentPath.Parse($"{root}/a/1"), null, null);
            fetcher.Fetch(_node, ContentPath.Parse($"{root}/a/2"), null, null);
            fetcher.Fetch(_node, ContentPath.Parse($"{root}/a/0"), null, null);
            fetcher.Complete();
        }

        Assert.Equal(["leaf", "leaf"], sink.Objects);
        Assert.Equal(4, sink.Faults.Count);
        Assert.All(sink.Faults, fault => Assert.Equal("PathNotFound", fault.ErrorId));
    }

    [Fact]
    public async Task Disposing_a_fetcher_takes_its_wants_off_the_list()
    {
        // a node that waits for a peer to come keeps a want until its time is over
        await using NodeHost host = await NodeHost.StartAsync(new NodeOptions());
        BitswapNode patient = new($"test-{Guid.NewGuid():N}", host, [], Guid.Empty, null);
        using BlockFetcher fetcher = new(new RecordingSink(), new FetchOptions(), TimeProvider.System, CancellationToken.None);
        Cid[] cids = [.. Enumerable.Range(0, 10).Select(number => Cid.Compute(0x55, [(byte)number]))];
        foreach (Cid cid in cids)
        {
            fetcher.Fetch(patient, ContentPath.Of(cid), null, null);
        }

        // one more is put on the list behind them
        NodeWant last = await host.WantAsync(Cid.Compute(0x55, "last"u8), new WantOptions());
        Assert.Equal(11, (await host.GetWantlistAsync()).Count);
        fetcher.Dispose();
        Assert.Equal(last.Cid, Assert.Single(await host.GetWantlistAsync()).Cid);
    }

    private BitswapBlock Add(RecordingSink sink, byte[] data, Cid? expected, string? codec = null)
    {
        using BlockAdder adder = new(sink, TimeProvider.System, CancellationToken.None);
        adder.Add(_node, new BlockData(data, "data", null, null, true), new CidFormat(codec, null, 1), expected);
        adder.Complete();
        Assert.Empty(sink.Faults);
        return Assert.IsType<BitswapBlock>(sink.Objects[^1]);
    }

    private object? Fetch(Cid cid, FetchOutput output)
    {
        RecordingSink sink = new();
        using BlockFetcher fetcher = new(sink, new FetchOptions { Output = output }, TimeProvider.System, CancellationToken.None);
        fetcher.Fetch(_node, ContentPath.Of(cid), null, null);
        fetcher.Complete();
        Assert.Contains(cid.ToString(), Assert.Single(sink.Verbose), StringComparison.Ordinal);
        return Assert.Single(sink.Objects);
    }
}

using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Node;
using Bitswap.Node.Abstractions;
using Bitswap.Providers;

namespace Bitswap.Tests;

/// <summary>What Publish-BitswapProvider makes of what the peers of a DHT say.</summary>
public sealed class ProviderAnnouncementTests : IAsyncLifetime
{
    private static readonly PeerId _one = PeerId.Parse("12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99");
    private static readonly Cid _cid = Cid.Compute(0x55, "announced"u8);
    private BitswapNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        NodeOptions options = new();
        NodeHost host = await NodeHost.StartAsync(options);
        await host.PutBlockAsync(_cid, "announced"u8.ToArray());
        _node = new BitswapNode($"test-{Guid.NewGuid():N}", host, options.ListenAddresses, Guid.Empty, null);
    }

    public async ValueTask DisposeAsync() => await _node.StopAsync();

    [Fact]
    public async Task Those_who_took_it_and_those_who_did_not_are_told_apart()
    {
        RecordingSink sink = await RunAsync(new Target(new ToldPeer(_one, null, false), new ToldPeer(_node.Host.PeerId, "no", false)));

        BitswapProviderRecord record = Assert.IsType<BitswapProviderRecord>(Assert.Single(sink.Objects));
        Assert.Equal((_cid.ToString(), ProviderSourceKind.Dht, _node.Name), (record.Cid, record.Source, record.Node));
        Assert.Equal([_one.ToString()], record.Peers);
        Assert.Equal([(_node.PeerId, "no")], record.Refusals.Select(refusal => (refusal.PeerId, refusal.Reason)));
        Assert.Empty(sink.Faults);
    }

    [Theory]
    [InlineData(true, "-ListenAddress")]
    [InlineData(false, "Try again")]
    public async Task That_nobody_took_it_is_an_error_whose_remedy_fits_the_reason(bool isOutOfReach, string remedy)
    {
        RecordingSink sink = await RunAsync(new Target(new ToldPeer(_one, "too far", isOutOfReach)));

        Assert.Single(sink.Objects);
        Assert.Equal(("NotPublished", _cid), (Assert.Single(sink.Faults).ErrorId, sink.Faults[0].Target));
        Assert.Contains("too far", sink.Faults[0].Message, StringComparison.Ordinal);
        Assert.Contains(remedy, sink.Faults[0].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_block_of_which_no_peer_is_to_be_told_is_an_error()
    {
        RecordingSink sink = await RunAsync(new Target());

        Assert.Empty(sink.Objects);
        Assert.Equal("NotPublished", Assert.Single(sink.Faults).ErrorId);
    }

    [Fact]
    public async Task A_block_whose_multihash_no_peer_takes_is_an_error()
    {
        byte[] data = new byte[100];
        Cid cid = Cid.CreateV1(0x55, Multihash.Compute(0x1e, data, 100));
        await _node.Host.PutBlockAsync(cid, data);
        Target target = new(new ToldPeer(_one, null, false));

        RecordingSink sink = await RunAsync(target, [cid]);

        Assert.Contains("80 bytes", Assert.Single(sink.Faults).Message, StringComparison.Ordinal);
        Assert.Equal((0, cid), (target.Lookups, sink.Faults[0].Target));
    }

    [Fact]
    public async Task Many_blocks_share_a_lookup_and_each_has_its_record()
    {
        Cid[] cids = [.. Enumerable.Range(0, 200).Select(i => Cid.Compute(0x55, BitConverter.GetBytes(i)))];
        for (int i = 0; i < cids.Length; i++)
        {
            await _node.Host.PutBlockAsync(cids[i], BitConverter.GetBytes(i));
        }

        Target target = new(new ToldPeer(_one, null, false));
        RecordingSink sink = await RunAsync(target, [.. cids, Cid.CreateV1(0x71, cids[0].Hash)]);

        Assert.Equal((1, 201), (target.Lookups, sink.Objects.Count));
        Assert.Equal(cids.Append(Cid.CreateV1(0x71, cids[0].Hash)).Select(cid => cid.ToString()).Order(), sink.Objects.Cast<BitswapProviderRecord>().Select(record => record.Cid).Order());
        Assert.Empty(sink.Faults);
    }

    [Fact]
    public async Task Where_a_lookup_fails_a_block_has_its_error()
    {
        RecordingSink sink = await RunAsync(new Target(new ToldPeer(_one, null, false)) { IsDown = true });

        Assert.Equal(("RouterUnreachable", _cid), (Assert.Single(sink.Faults).ErrorId, sink.Faults[0].Target));
        Assert.Empty(sink.Objects);
    }

    [Theory]
    [InlineData("RouterUnreachable")]
    [InlineData("NotPublished")]
    [InlineData("Timeout")]
    public async Task Many_blocks_that_fail_for_one_reason_have_one_error(string errorId)
    {
        Cid[] cids = [.. Enumerable.Range(0, 50).Select(i => Cid.Compute(0x55, BitConverter.GetBytes(i)))];
        for (int i = 0; i < cids.Length; i++)
        {
            await _node.Host.PutBlockAsync(cids[i], BitConverter.GetBytes(i));
        }

        RecordingSink sink = await RunAsync(new Target() { IsDown = errorId == "RouterUnreachable", IsLookupEndless = errorId == "Timeout" }, cids, errorId == "Timeout" ? 0.05 : 0);

        Errors.Fault fault = Assert.Single(sink.Faults);
        Assert.Equal(errorId, fault.ErrorId);
        Assert.Contains("50 blocks", fault.Message, StringComparison.Ordinal);
        Assert.Equal(cids.ToHashSet(), Assert.IsType<Cid[]>(fault.Target).ToHashSet());
    }

    [Fact]
    public async Task A_block_that_is_not_stored_is_not_announced()
    {
        Target target = new(new ToldPeer(_one, null, false));

        RecordingSink sink = await RunAsync(target, [Cid.Compute(0x55, "elsewhere"u8)]);

        Assert.Equal("BlockNotFound", Assert.Single(sink.Faults).ErrorId);
        Assert.Equal((0, 0), (target.Lookups, sink.Objects.Count));
    }

    [Fact]
    public async Task Who_was_told_before_the_time_was_up_is_told_of_and_who_was_not_too()
    {
        RecordingSink sink = await RunAsync(new Target(new ToldPeer(_one, null, false), new ToldPeer(_node.Host.PeerId, null, false)) { IsSecondEndless = true }, seconds: 0.05);

        BitswapProviderRecord record = Assert.IsType<BitswapProviderRecord>(Assert.Single(sink.Objects));
        Assert.Equal([_one.ToString()], record.Peers);
        Assert.Contains("given up", Assert.Single(record.Refusals).Reason, StringComparison.Ordinal);
        Assert.Empty(sink.Faults);
    }

    [Fact]
    public async Task A_lookup_that_takes_too_long_is_an_error_of_each_block()
    {
        RecordingSink sink = await RunAsync(new Target(new ToldPeer(_one, null, false)) { IsLookupEndless = true }, seconds: 0.05);

        Assert.Equal(("Timeout", _cid), (Assert.Single(sink.Faults).ErrorId, sink.Faults[0].Target));
        Assert.Empty(sink.Objects);
    }

    private async Task<RecordingSink> RunAsync(IProviderTarget target, Cid[]? cids = null, double seconds = 0)
    {
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        List<Action<Pipeline.IPipelineSink>> writes = [];
        await foreach (Action<Pipeline.IPipelineSink> write in new ProviderAnnouncement(_node, target, cids ?? [_cid]).RunAsync(seconds, late.Token))
        {
            writes.Add(write);
        }

        RecordingSink sink = new();
        writes.ForEach(write => write(sink));
        return sink;
    }

    private sealed class Target(params ToldPeer[] told) : IProviderTarget
    {
        public ProviderSourceKind Kind => ProviderSourceKind.Dht;

        public int BucketSize => 20;

        public int Lookups { get; private set; }

        public bool IsDown { get; init; }

        public bool IsLookupEndless { get; init; }

        public bool IsSecondEndless { get; init; }

        public async ValueTask<KademliaClosest> LookupAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
        {
            Lookups++;
            if (IsLookupEndless)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return IsDown
                ? throw new BitswapException("RouterUnreachable", "It is away.", "Wait.", null)
                : new KademliaClosest([.. told.Select(peer => new KademliaPeer(peer.Peer, []))], true);
        }

        public async Task<ToldPeer> TellAsync(KademliaPeer peer, IReadOnlyList<byte[]> keys, CancellationToken cancellationToken)
        {
            int at = Array.FindIndex(told, one => one.Peer.Equals(peer.Id));
            if (IsSecondEndless && at == 1)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return told[at];
        }
    }
}

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
    public async Task A_block_that_no_peer_was_to_be_told_of_is_an_error()
    {
        RecordingSink sink = await RunAsync(new Target());

        Assert.Empty(sink.Objects);
        Assert.Equal("NotPublished", Assert.Single(sink.Faults).ErrorId);
    }

    [Fact]
    public async Task A_block_that_is_not_stored_is_not_announced()
    {
        Target target = new(new ToldPeer(_one, null, false));

        RecordingSink sink = await RunAsync(target, Cid.Compute(0x55, "elsewhere"u8));

        Assert.Equal("BlockNotFound", Assert.Single(sink.Faults).ErrorId);
        Assert.Equal((0, 0), (target.Asked, sink.Objects.Count));
    }

    [Fact]
    public async Task Who_was_told_before_the_time_was_up_is_told_of()
    {
        RecordingSink sink = await RunAsync(new Target(new ToldPeer(_one, null, false)) { IsEndless = true }, seconds: 0.05);

        Assert.Equal([_one.ToString()], Assert.IsType<BitswapProviderRecord>(Assert.Single(sink.Objects)).Peers);
        Assert.Equal("Timeout", Assert.Single(sink.Faults).ErrorId);
    }

    private async Task<RecordingSink> RunAsync(IProviderTarget target, Cid? cid = null, double seconds = 0)
    {
        Action<Pipeline.IPipelineSink> write = await new ProviderAnnouncement(_node, target, cid ?? _cid).RunAsync(seconds, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));
        RecordingSink sink = new();
        write(sink);
        return sink;
    }

    private sealed class Target(params ToldPeer[] told) : IProviderTarget
    {
        public ProviderSourceKind Kind => ProviderSourceKind.Dht;

        public int Asked { get; private set; }

        public bool IsEndless { get; init; }

        public async IAsyncEnumerable<ToldPeer> ProvideAsync(Cid cid, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            Asked++;
            foreach (ToldPeer peer in told)
            {
                yield return peer;
            }

            if (IsEndless)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
        }
    }
}

using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Routing;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Routing;

/// <summary>What a search for providers tells while it runs and when it is over.</summary>
public sealed class SearchReportTests
{
    private static readonly MemoryNetwork _network = new(seed: 1);
    private static readonly PeerId[] _peers = [.. Enumerable.Range(0, 3).Select(_ => _network.CreatePeer().PeerId)];
    private readonly SearchReport _report = new();
    private readonly Source _router = new("https://router.example");
    private readonly Source _dht = new("the DHT");

    [Fact]
    public void It_tells_each_phase_and_who_is_asked()
    {
        _report.Asks([_router, _dht]);
        Assert.Equal("looking for providers (asking https://router.example, the DHT)", _report.Progress());

        _report.Named(_peers[0]);
        _report.Named(_peers[1]);
        _report.Add(_peers[1], "QUIC");
        _report.Ended(_router, new ProviderTally(), null);
        Assert.Equal("looking for providers: 2 named: 1 QUIC, 1 not tried yet (asking the DHT)", _report.Progress());

        _report.Ended(_dht, new ProviderTally(), null);
        Assert.Equal("connecting to providers: 2 named: 1 QUIC, 1 not tried yet", _report.Progress());

        _report.Add(_peers[0], SearchReport.Connected);
        _report.End();
        Assert.Equal("waiting for providers: 2 named: 1 connected, 1 QUIC", _report.Progress());
    }

    [Fact]
    public void A_search_that_is_over_and_connected_none_tells_of_no_phase_and_whom_it_did_not_try()
    {
        _report.Asks([_dht]);
        _report.Named(_peers[0]);
        _report.Add(_peers[1], SearchReport.Unreachable);
        _report.End();

        Assert.Null(_report.Progress());
        Assert.Equal("2 named: 1 could not be reached, 1 not tried", _report.Summary());
    }

    [Fact]
    public void The_search_for_a_block_above_that_came_further_is_the_one_that_is_told_of()
    {
        SearchReport above = new();
        above.Asks([_dht]);
        above.Add(_peers[0], SearchReport.Connected);
        _report.Asks([_router]);
        _report.Named(_peers[1]);
        _report.Named(_peers[2]);
        _report.Include(Samples.Block(1).Cid, above);

        Assert.Equal("looking for providers: 1 named: 1 connected (asking https://router.example, the DHT)", _report.Progress());
    }

    [Fact]
    public void A_provider_that_turned_out_to_be_gateways_is_counted_as_those()
    {
        _report.Named(_peers[0]);
        _report.Named(_peers[1]);
        _report.Forget(_peers[0]);
        _report.Add(_peers[1], SearchReport.Connected);

        Assert.Equal("1 named: 1 connected", _report.Summary());
    }

    private sealed class Source(string name) : IProviderSource
    {
        public string Name => name;

        public ProviderSourceKind Kind => ProviderSourceKind.Delegated;

        public IAsyncEnumerable<FoundProvider> FindAsync(Cid cid, ProviderTally tally, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

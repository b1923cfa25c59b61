using System.Net;
using Bitswap.Libp2p.Protocols.Mdns;

namespace Bitswap.Libp2p.Tests.Protocols.Mdns;

/// <summary>How many packets are read of whom, by a time of the test.</summary>
public sealed class PacketRateTests
{
    private static readonly TimeSpan _now = TimeSpan.FromSeconds(100);
    private readonly PacketRate _rate = new(16, _now);

    [Fact]
    public void One_source_has_a_quarter_and_all_together_the_whole()
    {
        Assert.Equal([8, 8, 8, 8, 0], Enumerable.Range(1, 5).Select(source => Taken(source, _now)));
        Assert.Equal([4, 4, 4, 4, 0], Enumerable.Range(1, 5).Select(source => Taken(source, _now + TimeSpan.FromSeconds(1))));
    }

    [Fact]
    public void Without_sources_there_are_no_shares()
    {
        Assert.Equal(32, Enumerable.Range(0, 1000).Count(_ => _rate.TryTake(null, _now)));
        Assert.Equal(16, Enumerable.Range(0, 1000).Count(_ => _rate.TryTake(null, _now + TimeSpan.FromSeconds(1))));
    }

    [Fact]
    public void What_is_refused_takes_nothing_of_the_others()
    {
        Assert.Equal(8, Taken(1, _now));
        Assert.Equal(8, Taken(2, _now));
    }

    [Fact]
    public void Of_many_sources_few_are_kept()
    {
        int taken = 0;
        for (int i = 0; i < 60_000; i++)
        {
            taken += _rate.TryTake(Address(i), _now + TimeSpan.FromMilliseconds(i)) ? 1 : 0;
            Assert.InRange(_rate.Count, 0, 32);
        }

        // the table is never what holds it back
        Assert.InRange(taken, (60 * 16) - 1, (62 * 16) + 1);
    }

    private static IPAddress Address(int i) => new([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]);

    private int Taken(int source, TimeSpan at) => Enumerable.Range(0, 1000).Count(_ => _rate.TryTake(Address(source), at));
}

namespace Bitswap.Protocol.Tests.Messages;

public sealed class WireLimitsTests
{
    [Fact]
    public void Defaults_are_those_of_the_network()
    {
        Assert.Equal(4_194_304, WireLimits.Default.MaxMessageSize);
        Assert.Equal(4_194_304, WireLimits.Default.MaxBlockSize);
        Assert.Equal(65_536, WireLimits.Default.MaxEntries);
        Assert.Equal(65_536, WireLimits.Default.MaxPresences);
        Assert.Equal(65_536, WireLimits.Default.MaxBlocks);
        Assert.Equal(1024, WireLimits.Default.MaxOutgoingEntries);
    }

    public static TheoryData<string, Func<int, WireLimits>, int, int> Ranges => new()
    {
        { nameof(WireLimits.MaxMessageSize), value => new() { MaxMessageSize = value }, 1024, 4_194_304 },
        { nameof(WireLimits.MaxBlockSize), value => new() { MaxBlockSize = value }, 1, 4_194_304 },
        { nameof(WireLimits.MaxEntries), value => new() { MaxEntries = value }, 1, 1_048_576 },
        { nameof(WireLimits.MaxPresences), value => new() { MaxPresences = value }, 1, 1_048_576 },
        { nameof(WireLimits.MaxBlocks), value => new() { MaxBlocks = value }, 1, 1_048_576 },
        { nameof(WireLimits.MaxOutgoingEntries), value => new() { MaxOutgoingEntries = value }, 1, 65_536 },
    };

    [Theory]
    [MemberData(nameof(Ranges), DisableDiscoveryEnumeration = true)]
    public void A_limit_out_of_range_is_refused_by_name(string name, Func<int, WireLimits> make, int least, int most)
    {
        make(least);
        make(most);
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => make(least - 1)).ParamName);
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => make(most + 1)).ParamName);
    }
}

using System.Reflection;
using Bitswap.Node;

namespace Bitswap.Tests;

public sealed class BitswapStatTests
{
    // A person has no use for it: it is counted for the tests of the end game.
    private static readonly string[] _hidden = [nameof(EngineCounters.WantsMoved)];

    [Fact]
    public void Each_counter_of_the_engine_is_shown_under_its_own_name()
    {
        EngineCounters counted = new();
        PropertyInfo[] counters = typeof(EngineCounters).GetProperties(BindingFlags.Public | BindingFlags.Instance);
        for (int i = 0; i < counters.Length; i++)
        {
            counters[i].SetValue(counted, 1000L + i);
        }

        EngineStat engine = (EngineStat)typeof(EngineStat).GetConstructor(BindingFlags.NonPublic | BindingFlags.Instance, [typeof(EngineCounters)])!.Invoke([counted]);
        BitswapStat shown = new("node1", new NodeStat(engine, 3, TimeSpan.FromSeconds(5)));

        Assert.All(
            counters.Where(counter => !_hidden.Contains(counter.Name)),
            counter => Assert.Equal(counter.GetValue(counted), typeof(BitswapStat).GetProperty(counter.Name)?.GetValue(shown)));
        Assert.Equal(("node1", 3, TimeSpan.FromSeconds(5)), (shown.Node, shown.Peers, shown.Uptime));
    }
}

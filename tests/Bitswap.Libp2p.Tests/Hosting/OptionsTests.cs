using System.Reflection;
using Bitswap.Libp2p.Abstractions;

namespace Bitswap.Libp2p.Tests.Hosting;

public sealed class OptionsTests
{
    public static TheoryData<string> Limits =>
    [
        .. typeof(Libp2pOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.PropertyType == typeof(int) || p.PropertyType == typeof(TimeSpan))
            .Select(p => p.Name),
    ];

    [Theory]
    [MemberData(nameof(Limits))]
    public void A_limit_out_of_range_is_refused_by_name(string name)
    {
        PropertyInfo limit = typeof(Libp2pOptions).GetProperty(name)!;
        object[] wrong = limit.PropertyType == typeof(int)
            ? [-1, int.MinValue, 65537, int.MaxValue]
            : [TimeSpan.FromMilliseconds(-2), TimeSpan.MinValue, TimeSpan.FromHours(24.1), TimeSpan.MaxValue];
        Libp2pOptions options = TestHosts.Options();

        foreach (object value in wrong)
        {
            Exception thrown = Assert.Throws<TargetInvocationException>(() => limit.SetValue(options, value)).InnerException!;
            Assert.Equal(name, Assert.IsType<ArgumentOutOfRangeException>(thrown).ParamName);
        }
        limit.SetValue(options, limit.GetValue(options));
    }

    [Fact]
    public async Task Water_marks_that_contradict_each_other_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => TestHosts.StartAsync(o => o with { LowWater = 20, HighWater = 10 }));
        await Assert.ThrowsAsync<ArgumentException>(() => TestHosts.StartAsync(o => o with { HighWater = 600, MaxConnections = 599 }));
    }

    [Fact]
    public void What_has_no_default_or_no_null_is_refused()
    {
        Assert.Throws<ArgumentNullException>(() => TestHosts.Options() with { Identity = null! });
        Assert.Throws<ArgumentNullException>(() => TestHosts.Options() with { ListenAddresses = null! });
        Assert.Throws<ArgumentNullException>(() => TestHosts.Options() with { AgentVersion = null! });
        Assert.Throws<ArgumentNullException>(() => TestHosts.Options() with { Clock = null! });
        Assert.Throws<ArgumentNullException>(() => TestHosts.Options() with { LoggerFactory = null! });
        Assert.Throws<ArgumentNullException>(() => TestHosts.Options() with { Yamux = null! });
        Assert.Throws<ArgumentNullException>(() => TestHosts.Options() with { Noise = null! });
        Assert.Throws<ArgumentNullException>(() => TestHosts.Options() with { Multistream = null! });
        Assert.Throws<ArgumentNullException>(() => TestHosts.Options() with { SecurityProtocols = null! });
        Assert.Throws<ArgumentException>(() => TestHosts.Options() with { SecurityProtocols = [] });
        Assert.Throws<ArgumentException>(() => TestHosts.Options() with { SecurityProtocols = [SecurityProtocol.Tls, SecurityProtocol.Tls] });
        Assert.Throws<ArgumentException>(() => TestHosts.Options() with { SecurityProtocols = [(SecurityProtocol)2] });
        Assert.Throws<ArgumentOutOfRangeException>(() => TestHosts.Options() with { AgentVersion = new string('a', 257) });
    }

    [Fact]
    public void Log_messages_have_event_ids_of_their_own()
    {
        int[] ids =
        [
            .. typeof(Log).GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
                .Select(m => m.GetCustomAttribute<Microsoft.Extensions.Logging.LoggerMessageAttribute>()?.EventId)
                .OfType<int>(),
        ];

        Assert.True(ids.Length > 20);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.InRange(id, 2000, 2999));
    }
}

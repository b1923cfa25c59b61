using System.Net;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Tests.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Connections;

public sealed class PendingHandshakesTests
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:ff::9", "2001:db8:0:100::1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2")]
    public void An_address_holds_its_share_and_then_takes_from_itself(string address, string same, string other)
    {
        PendingHandshakes table = Table();
        PendingHandshake first = Add(table, address)!;
        PendingHandshake second = Add(table, same)!;
        PendingHandshake beside = Add(table, other)!;

        Assert.NotNull(Add(table, same));
        Assert.True(first.WhenLetGo.IsCancellationRequested);
        Assert.False(second.WhenLetGo.IsCancellationRequested);
        Assert.False(beside.WhenLetGo.IsCancellationRequested);
        Assert.Equal(3, table.Count);
    }

    [Theory]
    [InlineData("192.0.2.{0}")]
    [InlineData("2001:db8:0:{0}00::1")]
    public void A_subnet_holds_its_share_and_then_takes_from_itself(string address)
    {
        PendingHandshakes table = Table();
        PendingHandshake far = Add(table, "198.51.100.1")!;
        PendingHandshake[] near = [.. Enumerable.Range(1, 6).Select(i => Add(table, string.Format(null, address, i))!)];

        Assert.Equal([true, true, true, false, false, false], near.Select(pending => pending.WhenLetGo.IsCancellationRequested));
        Assert.False(far.WhenLetGo.IsCancellationRequested);
        Assert.Equal(4, table.Count);
    }

    [Fact]
    public void Where_none_is_silent_the_new_one_is_refused_by_the_name_of_the_limit()
    {
        PendingHandshakes table = Table();
        PendingHandshake unread = Add(table, "192.0.2.1", hasUnread: true)!;
        PendingHandshake heard = Add(table, "192.0.2.1")!;
        heard.Heard();

        Assert.Null(table.TryAdd(IPAddress.Parse("192.0.2.1"), () => false, out string? refusal));
        Assert.Equal("MaxPendingHandshakesPerAddress (2) is reached for 192.0.2.1/32", refusal);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(Add(table, "192.0.2.1"));
        Assert.True(heard.WhenLetGo.IsCancellationRequested);
        Assert.False(unread.WhenLetGo.IsCancellationRequested);
    }

    [Fact]
    public void One_that_says_a_little_now_and_then_makes_room_once_it_has_had_its_time()
    {
        PendingHandshakes table = Table();
        PendingHandshake[] trickling = [Add(table, "192.0.2.1")!, Add(table, "192.0.2.1")!];
        for (int i = 0; i < 5; i++)
        {
            Array.ForEach(trickling, pending => pending.Heard());
            Assert.Null(Add(table, "192.0.2.1"));
            _clock.Advance(TimeSpan.FromSeconds(0.5));
        }

        Array.ForEach(trickling, pending => pending.Heard());
        Assert.Null(Add(table, "192.0.2.1"));
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        Array.ForEach(trickling, pending => pending.Heard());
        Assert.NotNull(Add(table, "192.0.2.1"));
        Assert.True(trickling[0].WhenLetGo.IsCancellationRequested);
        Assert.False(trickling[1].WhenLetGo.IsCancellationRequested);
    }

    [Fact]
    public void Of_a_full_table_the_one_that_never_spoke_goes_first_then_the_longest_silent()
    {
        PendingHandshakes table = Table();
        PendingHandshake[] all = [.. Enumerable.Range(1, 8).Select(i => Add(table, $"10.{i}.0.1")!)];
        foreach (PendingHandshake pending in all.Where((_, i) => i != 5))
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            pending.Heard();
        }

        Assert.NotNull(Add(table, "10.20.0.1", hasUnread: true));
        Assert.True(all[5].WhenLetGo.IsCancellationRequested);
        Assert.NotNull(Add(table, "10.21.0.1", hasUnread: true));
        Assert.True(all[0].WhenLetGo.IsCancellationRequested);
        Assert.Equal(2, all.Count(pending => pending.WhenLetGo.IsCancellationRequested));
    }

    [Fact]
    public void What_has_ended_frees_its_place_and_this_machine_has_a_share_of_its_own()
    {
        PendingHandshakes table = Table();
        PendingHandshake[] own = [Add(table, "127.0.0.1", true)!, Add(table, "127.0.0.2", true)!, Add(table, "::1", true)!, Add(table, "127.0.0.1", true)!, Add(table, "127.0.0.1", true)!];
        Assert.Null(table.TryAdd(IPAddress.IPv6Loopback, () => false, out string? refusal));
        Assert.StartsWith("MaxPendingHandshakesOfMachine (5)", refusal);
        own[0].Dispose();
        own[0].Dispose();
        Assert.Equal(4, table.Count);
        Assert.NotNull(Add(table, "127.0.0.1", true));
        Assert.Null(Add(table, "127.0.0.1", true));
    }

    private static PendingHandshake? Add(PendingHandshakes table, string address, bool hasUnread = false) => table.TryAdd(IPAddress.Parse(address), () => hasUnread, out _);

    private PendingHandshakes Table() => new(TestHosts.Options() with
    {
        Clock = _clock,
        MaxPendingInboundHandshakes = 8,
        MaxPendingHandshakesPerAddress = 2,
        MaxPendingHandshakesPerSubnet = 3,
        MaxPendingHandshakesOfMachine = 5,
        CrowdedHandshakeTimeout = TimeSpan.FromSeconds(3),
    });
}

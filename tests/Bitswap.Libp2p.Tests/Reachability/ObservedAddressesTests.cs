using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Reachability;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Reachability;

public sealed class ObservedAddressesTests
{
    private static readonly Multiaddr _local = Multiaddr.Parse("/ip4/10.0.0.5/tcp/4001");
    private static readonly Multiaddr _seen = Multiaddr.Parse("/ip4/203.1.2.3/tcp/4001");

    private readonly FakeTimeProvider _clock = new();

    [Theory]
    // an address of the internet, by an observer there: the port and transport of where this side listens
    [InlineData(true, "/ip4/10.0.0.5/tcp/4001", "8.8.8.8", "/ip4/203.1.2.3/tcp/9000", "/ip4/203.1.2.3/tcp/9000")]
    [InlineData(true, "/ip4/10.0.0.5/tcp/4002/ws", "8.8.8.8", "/ip4/203.1.2.3/tcp/9000", "/ip4/203.1.2.3/tcp/9000/ws")]
    [InlineData(true, "/ip4/10.0.0.5/tcp/4002/ws", "8.8.8.8", "/ip4/203.1.2.3/tcp/9000/ws/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp", "/ip4/203.1.2.3/tcp/9000/ws")]
    [InlineData(true, "/ip6/fd00::5/tcp/4001", "2606:4700::1", "/ip6/2a00:1450::9/tcp/4001", "/ip6/2a00:1450::9/tcp/4001")]
    // this side dialled: its port says nothing
    [InlineData(false, "/ip4/10.0.0.5/tcp/51423", "8.8.8.8", "/ip4/203.1.2.3/tcp/61423", "/ip4/203.1.2.3")]
    // each in its own scope
    [InlineData(true, "/ip4/172.17.0.2/tcp/4001", "192.168.1.9", "/ip4/192.168.1.5/tcp/4001", "/ip4/192.168.1.5/tcp/4001")]
    [InlineData(true, "/ip4/10.0.0.5/tcp/4001", "192.168.1.9", "/ip4/203.1.2.3/tcp/4001", null)]
    [InlineData(true, "/ip4/10.0.0.5/tcp/4001", "8.8.8.8", "/ip4/192.168.1.5/tcp/4001", null)]
    [InlineData(true, "/ip4/127.0.0.1/tcp/4001", "127.0.0.1", "/ip4/127.0.0.1/tcp/4001", null)]
    [InlineData(true, "/ip4/10.0.0.5/tcp/4001", "8.8.8.8", "/ip4/127.0.0.1/tcp/4001", null)]
    [InlineData(true, "/ip4/10.0.0.5/tcp/4001", "8.8.8.8", "/ip4/224.0.0.1/tcp/4001", null)]
    // of another kind, or of a relay
    [InlineData(true, "/ip4/10.0.0.5/tcp/4001", "8.8.8.8", "/ip6/2a00:1450::9/tcp/4001", null)]
    [InlineData(true, "/ip4/10.0.0.5/tcp/4001", "8.8.8.8", "/ip4/203.1.2.3/udp/4001/quic-v1", null)]
    [InlineData(true, "/ip4/10.0.0.5/tcp/4001", "8.8.8.8", "/dns4/victim.example/tcp/4001", null)]
    [InlineData(true, "/ip4/10.0.0.5/tcp/4001", "8.8.8.8", "/ip4/203.1.2.3/tcp/0", null)]
    [InlineData(true, "/ip4/10.0.0.5/tcp/4001", "8.8.8.8", "/ip4/203.1.2.3", null)]
    [InlineData(true, "/ip4/10.0.0.5/tcp/4001", "8.8.8.8", "/ip4/203.1.2.3/tcp/4001/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit", null)]
    public void What_a_report_is_counted_for(bool isInbound, string local, string observer, string observed, string? counted)
    {
        ObservedAddresses table = Table();
        table.Add(new Observation(new object(), isInbound, Multiaddr.Parse(local), IPAddress.Parse(observer), Multiaddr.Parse(observed), default));
        Assert.Equal(counted is null ? [] : [(Multiaddr.Parse(counted), 1)], table.Read());
    }

    [Fact]
    public void Peers_of_one_network_count_as_one_and_those_of_a_local_one_each()
    {
        ObservedAddresses table = Table();
        foreach (string observer in new[] { "8.8.8.8", "8.8.8.9", "8.8.9.8", "9.9.9.9" })
        {
            Report(table, observer, _seen);
        }
        Multiaddr near = Multiaddr.Parse("/ip4/192.168.1.5/tcp/4001");
        Report(table, "192.168.1.8", near);
        Report(table, "192.168.1.9", near);
        Multiaddr six = Multiaddr.Parse("/ip6/2a00:1450::9/tcp/4001");
        foreach (string observer in new[] { "2606:4700:1:1::1", "2606:4700:1:2::1", "2606:4700:2::1" })
        {
            table.Add(new Observation(new object(), true, Multiaddr.Parse("/ip6/fd00::5/tcp/4001"), IPAddress.Parse(observer), six, default));
        }
        Assert.Equal([(_seen, 3), (near, 2), (six, 2)], table.Read());
    }

    [Fact]
    public void A_report_counts_while_its_connection_is_open_and_for_some_time_after()
    {
        ObservedAddresses table = Table();
        object connection = Report(table, "8.8.8.8", _seen);
        _clock.Advance(TimeSpan.FromDays(3));
        Assert.Equal([(_seen, 1)], table.Read());

        table.Close(connection);
        table.Close(connection);
        _clock.Advance(ReachabilityOptions.Default.ObservationLifetime - TimeSpan.FromSeconds(1));
        Assert.Equal([(_seen, 1)], table.Read());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(table.Read());
    }

    [Fact]
    public void A_later_report_of_a_connection_takes_the_place_of_the_one_before()
    {
        ObservedAddresses table = Table();
        object connection = Report(table, "8.8.8.8", _seen);
        object other = Report(table, "8.8.8.9", _seen);
        Multiaddr now = Multiaddr.Parse("/ip4/203.1.2.4/tcp/4001");
        Report(table, "8.8.8.8", now, connection);
        Assert.Equal([(_seen, 1), (now, 1)], table.Read());
        Report(table, "8.8.8.9", now, other);
        Assert.Equal([(now, 1)], table.Read());

        table.Close(connection);
        table.Close(other);
        _clock.Advance(ReachabilityOptions.Default.ObservationLifetime);
        Assert.Empty(table.Read());
    }

    [Fact]
    public void A_report_that_comes_when_its_connection_has_ended_is_left_out()
    {
        ObservedAddresses table = Table();
        table.Add(new Observation(new object(), true, _local, IPAddress.Parse("8.8.8.8"), _seen, new CancellationToken(canceled: true)));
        Assert.Empty(table.Read());
    }

    [Fact]
    public void Liars_of_one_network_make_nothing_believed_and_nothing_forgotten() => Seeded.Run(20, random =>
    {
        ReachabilityOptions options = new() { MaxObservedAddresses = 8 };
        ObservedAddresses table = new(options, _clock);
        for (int i = 0; i < 4; i++)
        {
            Report(table, $"9.{i}.9.9", _seen);
        }

        List<object> open = [];
        for (int i = 0; i < 300; i++)
        {
            Multiaddr lie = Multiaddr.Parse($"/ip4/203.{random.Next(1, 100)}.{random.Next(256)}.7/tcp/{random.Next(1, 65536)}");
            open.Add(Report(table, $"8.8.8.{random.Next(256)}", lie));
            if (random.Next(2) == 0)
            {
                table.Close(open[random.Next(open.Count)]);
            }
            _clock.Advance(TimeSpan.FromSeconds(random.Next(60)));
        }

        IReadOnlyList<(Multiaddr Address, int Observers)> read = table.Read();
        Assert.Equal((_seen, 4), read[0]);
        Assert.InRange(read.Count, 1, 1 + options.MaxObservedPerNetwork);
        Assert.All(read.Skip(1), report => Assert.Equal(1, report.Observers));
    });

    [Fact]
    public void The_table_is_bounded_and_what_several_networks_report_stays() => Seeded.Run(20, random =>
    {
        ReachabilityOptions options = new() { MaxObservedAddresses = 8 };
        ObservedAddresses table = new(options, _clock);
        Report(table, "9.1.9.9", _seen);
        Report(table, "9.2.9.9", _seen);
        List<object> connections = [];
        for (int i = 0; i < 2000; i++)
        {
            connections.Add(Report(table, $"8.{random.Next(256)}.{random.Next(256)}.8", Multiaddr.Parse($"/ip4/203.{random.Next(1, 100)}.{random.Next(256)}.7/tcp/4001")));
            Assert.InRange(table.Read().Count, 1, options.MaxObservedAddresses);
        }
        Assert.Contains((_seen, 2), table.Read());

        // and nothing is left when all have gone
        connections.ForEach(table.Close);
        _clock.Advance(options.ObservationLifetime);
        Assert.Equal([(_seen, 2)], table.Read());
    });

    [Fact]
    public void One_address_counts_no_more_networks_than_are_of_use()
    {
        ObservedAddresses table = Table();
        object[] connections = [.. Enumerable.Range(0, 100).Select(i => Report(table, $"8.8.{i}.8", _seen))];
        Assert.Equal([(_seen, 64)], table.Read());
        foreach (object connection in connections)
        {
            table.Close(connection);
        }
        Report(table, "9.9.9.9", _seen);
        Assert.Equal([(_seen, 64)], table.Read());
    }

    private ObservedAddresses Table() => new(ReachabilityOptions.Default, _clock);

    private static object Report(ObservedAddresses table, string observer, Multiaddr observed, object? connection = null)
    {
        connection ??= new object();
        table.Add(new Observation(connection, true, _local, IPAddress.Parse(observer), observed, default));
        return connection;
    }
}

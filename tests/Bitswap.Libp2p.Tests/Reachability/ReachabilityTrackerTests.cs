using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Reachability;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Libp2p.Tests.Reachability;

public sealed class ReachabilityTrackerTests
{
    private static readonly ReachabilityOptions _options = ReachabilityOptions.Default;
    private static readonly Multiaddr _address = Multiaddr.Parse("/ip4/203.1.2.3/tcp/4001");

    private readonly FakeTimeProvider _clock = new();
    private readonly ReachabilityTracker _tracker;

    public ReachabilityTrackerTests() => _tracker = new ReachabilityTracker(_options, _clock);

    [Theory]
    [InlineData(true, AddressState.Confirmed)]
    [InlineData(false, AddressState.Refuted)]
    public void Two_networks_that_agree_make_a_verdict_and_a_third_is_asked(bool isReached, AddressState state)
    {
        CheckOutcome outcome = Outcome(isReached);
        _tracker.Track([_address]);
        AutoNatServer[] servers = Servers(5);
        Assert.Equal(default, _tracker.Of(_address));

        Ask(servers, outcome);
        Assert.Equal(AddressState.Unknown, _tracker.Of(_address).State);
        Ask(servers, outcome);
        Assert.Equal(state, _tracker.Of(_address).State);
        Ask(servers, outcome);
        Assert.Null(_tracker.Next(servers));
        ReachabilityVerdict verdict = _tracker.Of(_address);
        Assert.Equal((3, 0), isReached ? (verdict.Reached, verdict.Failed) : (verdict.Failed, verdict.Reached));
        Assert.Equal(_clock.GetUtcNow(), verdict.Checked);
    }

    [Fact]
    public void A_verdict_is_checked_again_in_an_hour_and_forgotten_after_five()
    {
        _tracker.Track([_address]);
        AutoNatServer[] servers = Servers(3);
        for (int i = 0; i < 3; i++)
        {
            Ask(servers, CheckOutcome.Reached);
        }
        _clock.Advance(_options.CheckInterval - TimeSpan.FromSeconds(1));
        Assert.Null(_tracker.Next(servers));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(_address, _tracker.Next(servers)?.Address);

        _clock.Advance((4 * _options.CheckInterval) - TimeSpan.FromSeconds(1));
        Assert.Equal(AddressState.Confirmed, _tracker.Of(_address).State);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(default, _tracker.Of(_address));
    }

    [Fact]
    public void One_network_makes_no_verdict_however_many_servers_it_has_and_however_often_they_answer() => Seeded.Run(10, random =>
    {
        ReachabilityTracker tracker = new(_options, _clock);
        tracker.Track([_address]);
        AutoNatServer[] servers = [.. Enumerable.Range(0, 20).Select(_ => Server("8.8.8.0/24"))];
        int asked = 0;
        for (int minute = 0; minute < 600; minute++)
        {
            if (tracker.Next(servers) is { } check)
            {
                asked++;
                tracker.Complete(check, random.Next(2) == 0 ? CheckOutcome.Reached : CheckOutcome.NotReached);
            }
            Assert.Equal(AddressState.Unknown, tracker.Of(_address).State);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        // once an hour
        Assert.Equal(10, asked);
    });

    [Fact]
    public void A_few_liars_among_many_change_no_verdict_and_no_network_is_asked_often() => Seeded.Run(20, random =>
    {
        ReachabilityTracker tracker = new(_options, _clock);
        bool isReachable = random.Next(2) == 0;
        tracker.Track([_address]);
        AutoNatServer[] honest = Servers(8);
        AutoNatServer liar = Server("8.9.9.0/24");
        Dictionary<AutoNatServer, List<DateTimeOffset>> asked = [];
        AddressState right = isReachable ? AddressState.Confirmed : AddressState.Refuted;
        AddressState wrong = isReachable ? AddressState.Refuted : AddressState.Confirmed;
        for (int step = 0; step < 2000; step++)
        {
            AutoNatServer[] servers = [.. honest.Append(liar).OrderBy(_ => random.Next())];
            if (tracker.Next(servers) is { } check)
            {
                if (!asked.TryGetValue(check.Server, out List<DateTimeOffset>? times))
                {
                    asked.Add(check.Server, times = []);
                }
                times.Add(_clock.GetUtcNow());
                tracker.Complete(check, check.Server == liar ? Outcome(!isReachable) : random.Next(10) == 0 ? CheckOutcome.Failed : Outcome(isReachable));
            }
            Assert.NotEqual(wrong, tracker.Of(_address).State);
            _clock.Advance(TimeSpan.FromSeconds(random.Next(1, 60)));
        }
        Assert.Equal(right, tracker.Of(_address).State);
        foreach (List<DateTimeOffset> times in asked.Values)
        {
            Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First >= _options.FailurePause, $"{pair.First} and {pair.Second}"));
        }
    });

    [Fact]
    public void A_network_is_left_alone_after_it_was_asked_and_longer_when_it_failed()
    {
        Multiaddr other = Multiaddr.Parse("/ip4/203.1.2.3/tcp/4002");
        _tracker.Track([_address, other]);
        AutoNatServer[] servers = Servers(1);
        Ask(servers, CheckOutcome.Reached);
        Assert.Null(_tracker.Next(servers));
        _clock.Advance(_options.ServerPause);
        Assert.Equal(other, Ask(servers, CheckOutcome.Failed).Address);
        _clock.Advance(_options.ServerPause);
        Assert.Null(_tracker.Next(servers));
        _clock.Advance(_options.FailurePause - _options.ServerPause);
        Assert.Equal(other, _tracker.Next(servers)?.Address);
    }

    [Fact]
    public void An_address_that_no_server_dials_is_left_alone_for_a_while()
    {
        _tracker.Track([_address]);
        for (int i = 0; i < 5; i++)
        {
            Ask([Server($"8.8.{i}.0/24")], CheckOutcome.Refused);
        }
        Assert.Null(_tracker.Next([Server("8.8.9.0/24")]));
        Assert.Equal(default, _tracker.Of(_address));
        _clock.Advance(_options.FailurePause);
        Assert.NotNull(_tracker.Next([Server("8.8.9.0/24")]));
    }

    [Fact]
    public void Who_is_nearer_than_the_address_reaches_is_not_asked()
    {
        _tracker.Track([_address]);
        Assert.Null(_tracker.Next([Server("192.168.1.0/24", AddressScope.Network), Server("127.0.0.0/8", AddressScope.Machine)]));
        Assert.NotNull(_tracker.Next([Server("192.168.1.0/24", AddressScope.Network), Server("8.8.8.0/24")]));
    }

    [Fact]
    public void Addresses_are_bounded_taken_in_turn_and_forgotten_when_they_are_gone()
    {
        Multiaddr[] many = [.. Enumerable.Range(1, 40).Select(i => Multiaddr.Parse($"/ip4/203.1.2.{i}/tcp/4001"))];
        _tracker.Track(many);
        HashSet<Multiaddr> asked = [];
        while (_tracker.Next([Server($"8.8.{asked.Count}.0/24")]) is { } check && asked.Add(check.Address))
        {
            _tracker.Complete(check, CheckOutcome.Reached);
            _clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.Equal(many.Take(_options.MaxCheckedAddresses).Order(), asked.Order());

        _tracker.Track([many[0]]);
        Assert.Equal(1, _tracker.Of(many[0]).Reached);
        Assert.Equal(default, _tracker.Of(many[1]));
        _tracker.Complete(new ReachabilityCheck(many[1], Server("8.8.50.0/24")), CheckOutcome.Reached);
        Assert.Equal(default, _tracker.Of(many[1]));
    }

    private static CheckOutcome Outcome(bool isReached) => isReached ? CheckOutcome.Reached : CheckOutcome.NotReached;

    private static AutoNatServer[] Servers(int count) => [.. Enumerable.Range(0, count).Select(i => Server($"8.8.{i}.0/24"))];

    private static AutoNatServer Server(string network, AddressScope reach = AddressScope.World) => new(PrivateKey.Generate().PeerId, IPNetwork.Parse(network), reach);

    private ReachabilityCheck Ask(AutoNatServer[] servers, CheckOutcome outcome)
    {
        ReachabilityCheck? check = _tracker.Next(servers);
        Assert.NotNull(check);
        _tracker.Complete(check, outcome);
        return check;
    }
}

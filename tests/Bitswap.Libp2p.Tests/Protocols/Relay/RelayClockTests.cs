using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Relay;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Protocols.Relay;

/// <summary>Reservations where the clock of the relay, or of the holder, is wrong or is set.</summary>
public sealed class RelayClockTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_clock_that_is_set_ends_no_reservation(bool onRelay)
    {
        SetClock clock = new();
        await using RelayTrio trio = await RelayTrio.StartAsync(reserve: false, onRelay: o => o with { Clock = onRelay ? clock : TimeProvider.System });
        await using Libp2pHost holder = await StartHolderAsync(trio, onRelay ? TimeProvider.System : clock);
        foreach (int hours in (int[])[3, -3])
        {
            clock.Offset = TimeSpan.FromHours(hours);
            Assert.Single(holder.Reservations);
            Assert.Equal(1, trio.Relay.Relay!.Reservations);
            await using Libp2pHost dialer = await StartAsync(o => o with { ListenAddresses = [] });
            Assert.NotNull((await dialer.ConnectAsync([.. holder.AnnouncedAddresses]).AsTask().WaitAsync(Patience)).Circuit);
        }
    }

    [Theory]
    [InlineData(-48)]
    [InlineData(-3)]
    [InlineData(3)]
    [InlineData(48)]
    public async Task A_holder_whose_clock_is_wrong_is_reached(int hours)
    {
        await using RelayTrio trio = await RelayTrio.StartAsync(reserve: false);
        await using Libp2pHost holder = await StartHolderAsync(trio, new SetClock { Offset = TimeSpan.FromHours(hours) });
        Assert.NotNull((await trio.Dialer.ConnectAsync([.. holder.AnnouncedAddresses]).AsTask().WaitAsync(Patience)).Circuit);
    }

    [Fact]
    public async Task A_holder_whose_clock_is_slow_renews_before_the_relay_lets_go()
    {
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        SetClock slow = new(time) { Offset = TimeSpan.FromHours(-5) };
        await using RelayTrio trio = await RelayTrio.StartAsync(reserve: false, onRelay: o => Still(o) with { Clock = time });
        await using Libp2pHost holder = await StartHolderAsync(trio, slow);
        Assert.InRange(holder.Reservations[0].Lifetime, TimeSpan.FromHours(5), TimeSpan.FromHours(7));
        for (int i = 0; i < 4; i++)
        {
            await Poll.UntilAsync(() => slow.Renewals == i + 1, "the wait for the renewal");
            long before = holder.Reservations[0].Since;
            time.Advance(HeldReservation.MaxRenewalDelay);
            await Poll.UntilAsync(() => holder.Reservations is [{ } renewed] && renewed.Since > before, "the renewal");
            Assert.Equal(1, trio.Relay.Relay!.Reservations);
        }
    }

    [Theory]
    [InlineData(-86400 * 2, 60, 45)]
    [InlineData(-60, 60, 45)]
    [InlineData(0, 60, 45)]
    [InlineData(59, 60, 45)]
    [InlineData(120, 120, 90)]
    [InlineData(1200, 1200, 1080)]
    [InlineData(3600, 3600, 1800)]
    [InlineData(7200, 7200, 1800)]
    [InlineData(86400, 86400, 1800)]
    [InlineData(86401, 3600, 1800)]
    public void What_a_relay_says_of_the_end_is_bounded(int left, int lifetime, int renewal)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
        HeldReservation reservation = new(
            PrivateKey.Generate().PeerId, HeldReservation.LifetimeOf((ulong)(now.ToUnixTimeSeconds() + left), now), 0, [], RelayClient.CircuitOf(PrivateKey.Generate().PeerId, null));
        Assert.Equal(TimeSpan.FromSeconds(lifetime), reservation.Lifetime);
        Assert.Equal(TimeSpan.FromSeconds(renewal), reservation.RenewalDelay);
        Assert.Equal(TimeSpan.FromHours(1), HeldReservation.LifetimeOf(ulong.MaxValue, now));
        Assert.Equal(TimeSpan.FromMinutes(1), HeldReservation.LifetimeOf(0, now));
    }

    private static async Task<Libp2pHost> StartHolderAsync(RelayTrio trio, TimeProvider clock)
    {
        Libp2pHost holder = await StartAsync(o => Still(o) with { Clock = clock, ListenAddresses = [], Relay = new RelayOptions { RelayServers = [trio.Relay.Addresses[0]] } });
        await RelayTrio.ReservedAsync(holder);
        return holder;
    }

    private static Libp2pOptions Still(Libp2pOptions options) => options with { KeepAliveInterval = Timeout.InfiniteTimeSpan, IdleTimeout = Timeout.InfiniteTimeSpan };

    /// <summary>A clock whose time of day is set, while its timers and timestamps go on.</summary>
    private sealed class SetClock(TimeProvider? time = null) : TimeProvider
    {
        private readonly TimeProvider _time = time ?? System;
        private long _offset;
        private int _renewals;

        /// <summary>Gets how many waits of the longest time until a renewal have begun.</summary>
        public int Renewals => Volatile.Read(ref _renewals);

        public TimeSpan Offset
        {
            set => Interlocked.Exchange(ref _offset, value.Ticks);
        }

        public override long TimestampFrequency => _time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => _time.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offset));

        public override long GetTimestamp() => _time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = _time.CreateTimer(callback, state, dueTime, period);
            if (dueTime == HeldReservation.MaxRenewalDelay)
            {
                Interlocked.Increment(ref _renewals);
            }
            return timer;
        }
    }
}

using Bitswap.Libp2p.Addresses;
using static Bitswap.Libp2p.Abstractions.OptionRange;

namespace Bitswap.Libp2p.Abstractions;

/// <summary>Specifies what makes a host believe that one of its addresses is reached from outside, and how often others are asked to try.</summary>
public sealed record ReachabilityOptions
{
    /// <summary>Gets the options used where none are given.</summary>
    public static ReachabilityOptions Default { get; } = new();

    /// <summary>
    /// Gets how many networks (IPv4: /24, IPv6: /48; in a local network each address) have to report the same address of this host before it is believed; 1 to 64, default 4
    /// (go-libp2p, ActivationThresh).
    /// </summary>
    public int MinObservers { get; init => field = InRange(value, 1, 64); } = 4;

    /// <summary>Gets how long the report of a peer counts after its connection has ended; 1 min to a day, default 30 min.</summary>
    public TimeSpan ObservationLifetime { get; init => field = Wait(value, TimeSpan.FromMinutes(1)); } = TimeSpan.FromMinutes(30);

    /// <summary>Gets how many reported addresses are remembered; those of the fewest observers give way. 4 to 1024, default 64.</summary>
    public int MaxObservedAddresses { get; init => field = InRange(value, 4, 1024); } = 64;

    /// <summary>Gets how many of these one network may report; 1 to 64, default 4.</summary>
    public int MaxObservedPerNetwork { get; init => field = InRange(value, 1, 64); } = 4;

    /// <summary>Gets how many addresses are checked; 1 to 64, default 16.</summary>
    public int MaxCheckedAddresses { get; init => field = InRange(value, 1, 64); } = 16;

    /// <summary>
    /// Gets by how many networks those whose servers reached an address outnumber those that failed, or the other way round, before there is a verdict; 1 to 8, default 2
    /// (go-libp2p, minConfidence).
    /// </summary>
    public int MinConfidence { get; init => field = InRange(value, 1, 8); } = 2;

    /// <summary>Gets after how long an address with a verdict is checked again, and one network is asked again about it; 1 min to a day, default 1 h (go-libp2p).</summary>
    public TimeSpan CheckInterval { get; init => field = Wait(value, TimeSpan.FromMinutes(1)); } = TimeSpan.FromHours(1);

    /// <summary>Gets how long one network is not asked after it was; 1 s to a day, default 2 min (go-libp2p, defaultThrottlePeerDuration).</summary>
    public TimeSpan ServerPause { get; init => field = Wait(value, TimeSpan.FromSeconds(1)); } = TimeSpan.FromMinutes(2);

    /// <summary>Gets how long one network is not asked after it did not answer as it should, and an address after five refusals in a row; 1 s to a day, default 10 min.</summary>
    public TimeSpan FailurePause { get; init => field = Wait(value, TimeSpan.FromSeconds(1)); } = TimeSpan.FromMinutes(10);

    /// <summary>Gets how much time there is at least between two requests, of which one runs at a time; 1 ms to an hour, default 5 s.</summary>
    public TimeSpan RequestPause { get; init => field = Wait(value, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(5);

    /// <summary>Gets how long one request may take; 1 s to an hour, default 30 s.</summary>
    public TimeSpan RequestTimeout { get; init => field = Wait(value, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)); } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets how many bytes a server may ask for before it dials an address that it does not know this host by; 0 to 1 MiB, default 100 000, the most that the specification lets it
    /// ask for (autonat-v2.md, "Amplification Attack Prevention").
    /// </summary>
    public int MaxDialData { get; init => field = InRange(value, 0, 1 << 20); } = 100_000;

    /// <summary>For tests: the nearest addresses that reports are taken of.</summary>
    internal AddressScope NearestObserved { get; init; } = AddressScope.Network;

    /// <summary>For tests: the nearest addresses that others are asked to dial. The specification is for those of the internet.</summary>
    internal AddressScope NearestChecked { get; init; } = AddressScope.World;
}

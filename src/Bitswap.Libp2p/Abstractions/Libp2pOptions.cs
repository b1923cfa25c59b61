using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bitswap.Libp2p.Abstractions;

/// <summary>
/// Specifies how a <see cref="Libp2pHost"/> behaves. Every limit against abuse is named here and has a default that is safe for a node open to
/// the world; a value out of its range is refused where it is set.
/// </summary>
public sealed record Libp2pOptions
{
    private static readonly TimeSpan _maxWait = TimeSpan.FromDays(1);

    /// <summary>Gets the key that the host proves itself with.</summary>
    public required PrivateKey Identity
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>Gets where to listen: <c>/ip4/.../tcp/port</c> or <c>/ip6/.../tcp/port</c>, port 0 for any free one. Empty: dials only.</summary>
    public IReadOnlyList<Multiaddr> ListenAddresses
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = [];

    /// <summary>Gets what identify tells others of this software; at most 256 characters.</summary>
    public string AgentVersion
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, 256, nameof(AgentVersion));
            field = value;
        }
    } = "bitswap-powershell";

    /// <summary>Connections at one time, both directions; 1 to 65536, default 512.</summary>
    public int MaxConnections { get; init => field = InRange(value, 1, 65536); } = 512;

    /// <summary>Connections that others opened, at one time; 0 to 65536, default 384.</summary>
    public int MaxInboundConnections { get; init => field = InRange(value, 0, 65536); } = 384;

    /// <summary>Connections that this host opened, at one time; 0 to 65536, default 384.</summary>
    public int MaxOutboundConnections { get; init => field = InRange(value, 0, 65536); } = 384;

    /// <summary>
    /// Connections with one peer at one time; 1 to 64, default 4. Two peers that dial each other at once have two for as long as both live.
    /// </summary>
    public int MaxConnectionsPerPeer { get; init => field = InRange(value, 1, 64); } = 4;

    /// <summary>
    /// Accepted sockets that are not secured yet; 1 to 4096, default 64. For one more, the one that has been silent longest is closed, or, where none is silent, the new one.
    /// </summary>
    public int MaxPendingInboundHandshakes { get; init => field = InRange(value, 1, 4096); } = 64;

    /// <summary>Of these, those from one address (IPv6: one /56); 1 to 4096, default 16.</summary>
    public int MaxPendingHandshakesPerAddress { get; init => field = InRange(value, 1, 4096); } = 16;

    /// <summary>Of these, those from one subnet (IPv4: /24, IPv6: /48); 1 to 4096, default 32.</summary>
    public int MaxPendingHandshakesPerSubnet { get; init => field = InRange(value, 1, 4096); } = 32;

    /// <summary>Of these, those from this machine; 1 to 4096, default 48.</summary>
    public int MaxPendingHandshakesOfMachine { get; init => field = InRange(value, 1, 4096); } = 48;

    /// <summary>Connections that others opened from one address (IPv6: one /56); 1 to 65536, default 64.</summary>
    public int MaxInboundConnectionsPerAddress { get; init => field = InRange(value, 1, 65536); } = 64;

    /// <summary>Connections that others opened from one subnet (IPv4: /24, IPv6: /48); 1 to 65536, default 128.</summary>
    public int MaxInboundConnectionsPerSubnet { get; init => field = InRange(value, 1, 65536); } = 128;

    /// <summary>Connections that others opened from this machine; 1 to 65536, default 384.</summary>
    public int MaxInboundConnectionsOfMachine { get; init => field = InRange(value, 1, 65536); } = 384;

    /// <summary>Peers being dialed at one time; further dials wait their turn. 1 to 4096, default 64.</summary>
    public int MaxPendingDials { get; init => field = InRange(value, 1, 4096); } = 64;

    /// <summary>Addresses tried for one peer, names counted as what they resolve to; 1 to 256, default 32.</summary>
    public int MaxAddressesPerDial { get; init => field = InRange(value, 1, 256); } = 32;

    /// <summary>
    /// Gets how often one address and port that routers or the DHT give is dialled within <see cref="StrangerDialWindow"/> without reaching a peer; 1 to 1024, default 4.
    /// </summary>
    public int MaxStrangerDialsPerEndPoint { get; init => field = InRange(value, 1, 1024); } = 4;

    /// <summary>Gets the same for all ports of one address together, unless it is this machine's; 1 to 65536, default 32.</summary>
    public int MaxStrangerDialsPerHost { get; init => field = InRange(value, 1, 65536); } = 32;

    /// <summary>Gets the time in which those are counted; 1 ms to a day, default 1 min.</summary>
    public TimeSpan StrangerDialWindow { get; init => field = Wait(value); } = TimeSpan.FromMinutes(1);

    /// <summary>Gets which of the addresses that a peer gives as its own are kept.</summary>
    public DialRule DialRule { get; init => field = value ?? throw new ArgumentNullException(nameof(value)); } = DialRule.Default;

    /// <summary>Streams that the other side of one connection may have open; 1 to 65536, default 256. One more is reset.</summary>
    public int MaxInboundStreamsPerConnection { get; init => field = InRange(value, 1, 65536); } = 256;

    /// <summary>Streams that one peer may have open over all its connections; 1 to 65536, default 512. One more is reset.</summary>
    public int MaxInboundStreamsPerPeer { get; init => field = InRange(value, 1, 65536); } = 512;

    /// <summary>Streams that this host may have open on one connection; 1 to 65536, default 1024.</summary>
    public int MaxOutboundStreamsPerConnection { get; init => field = InRange(value, 1, 65536); } = 1024;

    /// <summary>
    /// Bytes to which the receive windows of all connections may grow together, in equal shares of as many connections as there are and one more; 1 MiB to 64 GiB, default
    /// 64 MiB. What the specification gives each stream without asking, 256 KiB, is not refused.
    /// </summary>
    public long MaxReceiveWindows { get; init => field = InRange(value, 1L << 20, 64L << 30); } = 64 << 20;

    /// <summary>Protocols that <see cref="Libp2pHost.Handle"/> takes; 1 to 1024, default 128.</summary>
    public int MaxProtocols { get; init => field = InRange(value, 1, 1024); } = 128;

    /// <summary>
    /// Gets the number of connections above which the least valuable are closed until <see cref="LowWater"/> is reached; 1 to 65536,
    /// at most <see cref="MaxConnections"/>, default 256.
    /// </summary>
    public int HighWater { get; init => field = InRange(value, 1, 65536); } = 256;

    /// <summary>Gets where closing connections for the sake of <see cref="HighWater"/> ends; 0 to <see cref="HighWater"/>, default 192.</summary>
    public int LowWater { get; init => field = InRange(value, 0, 65536); } = 192;

    /// <summary>
    /// Of the connections within <see cref="PruneGracePeriod"/> that others opened and whose peers have given or taken nothing, how many are safe by it, shared among their
    /// addresses; 0 to 65536, default 64.
    /// </summary>
    public int NewcomerPlaces { get; init => field = InRange(value, 0, 65536); } = 64;

    /// <summary>Gets how long a new connection is safe from being closed for <see cref="HighWater"/>; 0 to a day, default 20 s.</summary>
    public TimeSpan PruneGracePeriod { get; init => field = Wait(value, TimeSpan.Zero); } = TimeSpan.FromSeconds(20);

    /// <summary>Gets how long connecting and securing may take for one address; 1 ms to a day, default 15 s.</summary>
    public TimeSpan DialTimeout { get; init => field = Wait(value); } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gets how long a connection may take from the open socket to the muxer, in either direction; 1 ms to a day, default 10 s.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; init => field = Wait(value); } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets how long the same may take one that others open while all places of its group are taken: it then makes room for the next, however busy it seems. 1 ms to a day, default 3 s.
    /// </summary>
    public TimeSpan CrowdedHandshakeTimeout { get; init => field = Wait(value); } = TimeSpan.FromSeconds(3);

    /// <summary>For tests: whether the addresses of this machine are told apart, and have the shares of others.</summary>
    internal bool SplitsMachine { get; init; }

    /// <summary>Gets what tells of the interfaces of this machine.</summary>
    internal IMachineInterfaces Interfaces { get; init; } = SystemInterfaces.Instance;

    /// <summary>Gets how long agreeing on a stream's protocol may take; 1 ms to a day, default 10 s.</summary>
    public TimeSpan NegotiationTimeout { get; init => field = Wait(value); } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long resolving a name may take; 1 ms to a day, default 5 s.</summary>
    public TimeSpan ResolveTimeout { get; init => field = Wait(value); } = TimeSpan.FromSeconds(5);

    /// <summary>Gets which certificates a WebSocket over TLS may have; null for what the system trusts.</summary>
    internal X509ChainPolicy? WebSocketTrust { get; init; }

    /// <summary>Looks up the TXT records of a name; null asks the system's name servers.</summary>
    internal Func<string, CancellationToken, Task<IReadOnlyList<string>>>? LookUpText { get; init; }

    /// <summary>
    /// Gets how long one address of a peer has before the next is tried beside it; 10 ms to 2 s as RFC 8305 section 5 bounds it,
    /// default 250 ms as it recommends.
    /// </summary>
    public TimeSpan ConnectionAttemptDelay
    {
        get;
        init => field = Wait(value, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(2));
    } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Gets how long a connection without a stream lives; 1 ms to a day or <see cref="Timeout.InfiniteTimeSpan"/>. Default 1 hour: a person
    /// who connects a session to a peer expects it to be there after lunch. Protected peers are kept.
    /// </summary>
    public TimeSpan IdleTimeout { get; init => field = WaitOrNever(value); } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets how often a connection is measured and proven alive by a ping of the muxer; 1 ms to a day or
    /// <see cref="Timeout.InfiniteTimeSpan"/>, default 30 s.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; init => field = WaitOrNever(value); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long a peer may take to answer a ping, of the muxer or the protocol; 1 ms to a day, default 20 s.</summary>
    public TimeSpan PingTimeout { get; init => field = Wait(value); } = TimeSpan.FromSeconds(20);

    /// <summary>Gets how long a ping stream of a peer may rest between two pings before it is reset; 1 ms to a day, default 1 min.</summary>
    public TimeSpan PingStreamIdleTimeout { get; init => field = Wait(value); } = TimeSpan.FromMinutes(1);

    /// <summary>Gets how long a whole identify exchange may take; 1 ms to a day, default 15 s. A peer that takes longer stays connected.</summary>
    public TimeSpan IdentifyTimeout { get; init => field = Wait(value); } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gets how long a disposed stream waits for the other side's end, discarding what comes, before it is reset; 1 ms to a day, default 30 s.
    /// </summary>
    public TimeSpan StreamLingerTimeout { get; init => field = Wait(value); } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long <see cref="Libp2pHost.StopAsync"/> lets connections say goodbye; 1 ms to a day, default 5 s.</summary>
    public TimeSpan StopTimeout { get; init => field = Wait(value); } = TimeSpan.FromSeconds(5);

    /// <summary>Gets the key of the private network that the host is in; null, the default, for none. Peers without it can neither connect nor be connected to.</summary>
    public SwarmKey? SwarmKey { get; init; }

    /// <summary>
    /// Gets what secures connections, each once: a dialer proposes them in this order, and a listener takes what its dialer proposes first. The default is Noise, then TLS. Where
    /// the system has no TLS 1.3 it is left out.
    /// </summary>
    /// <exception cref="ArgumentException">None, one twice, or one that there is not.</exception>
    public IReadOnlyList<SecurityProtocol> SecurityProtocols
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value.Count > 0 && value.Distinct().Count() == value.Count && value.All(Enum.IsDefined)
                ? [.. value]
                : throw new ArgumentException($"{nameof(SecurityProtocols)} names at least one of {string.Join(", ", Enum.GetNames<SecurityProtocol>())}, each once.", nameof(SecurityProtocols));
        }
    } = [SecurityProtocol.Noise, SecurityProtocol.Tls];

    /// <summary>Gets the limits of the Noise handshake.</summary>
    public NoiseOptions Noise
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = NoiseOptions.Default;

    /// <summary>Gets the limits of protocol negotiation.</summary>
    public MultistreamOptions Multistream
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = MultistreamOptions.Default;

    /// <summary>Gets the windows and limits of each connection's streams.</summary>
    public YamuxOptions Yamux
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = YamuxOptions.Default;

    /// <summary>
    /// Gets whether connected peers that offer it (AutoNAT v2) are asked to dial this host, so that it is known which of its addresses work. They are asked about addresses of the
    /// internet alone, and nothing is asked where the host listens on this machine only. True by default.
    /// </summary>
    public bool CheckReachability { get; init; } = true;

    /// <summary>Gets what makes this host believe that others reach it at an address.</summary>
    public ReachabilityOptions Reachability
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = ReachabilityOptions.Default;

    /// <summary>Gets which relays let others reach this host, and what it relays itself.</summary>
    public RelayOptions Relay
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = RelayOptions.Default;

    /// <summary>Gets the clock of every wait.</summary>
    public TimeProvider Clock
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = TimeProvider.System;

    /// <summary>Gets where log messages go.</summary>
    public ILoggerFactory LoggerFactory
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = NullLoggerFactory.Instance;

    /// <summary>Checks what one property alone cannot.</summary>
    /// <exception cref="ArgumentException">Limits contradict each other.</exception>
    internal void Validate()
    {
        if (LowWater > HighWater)
        {
            throw new ArgumentException($"{nameof(LowWater)} ({LowWater}) is above {nameof(HighWater)} ({HighWater}).");
        }
        if (HighWater > MaxConnections)
        {
            throw new ArgumentException($"{nameof(HighWater)} ({HighWater}) is above {nameof(MaxConnections)} ({MaxConnections}).");
        }
    }

    private static T InRange<T>(T value, T min, T max, [CallerMemberName] string name = "")
        where T : INumber<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
        return value;
    }

    private static TimeSpan Wait(TimeSpan value, TimeSpan? min = null, TimeSpan? max = null, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min ?? TimeSpan.FromMilliseconds(1), name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max ?? _maxWait, name);
        return value;
    }

    private static TimeSpan WaitOrNever(TimeSpan value, [CallerMemberName] string name = "") =>
        value == Timeout.InfiniteTimeSpan ? value : Wait(value, name: name);
}

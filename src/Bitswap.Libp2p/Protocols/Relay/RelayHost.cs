using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Protocols.Relay;

/// <summary>Represents what the parts of the relay protocol need of the host that they belong to.</summary>
internal sealed record RelayHost
{
    /// <summary>Gets the host's options.</summary>
    public required Libp2pOptions Options { get; init; }

    /// <summary>Gets who the host is.</summary>
    public required PeerId Self { get; init; }

    /// <summary>Gets the connections.</summary>
    public required ConnectionTable Table { get; init; }

    /// <summary>Opens streams.</summary>
    public required StreamDispatcher Streams { get; init; }

    /// <summary>Gets the protocols that the host answers.</summary>
    public required ProtocolTable Protocols { get; init; }

    /// <summary>Secures connections.</summary>
    public required ConnectionUpgrader Upgrader { get; init; }

    /// <summary>Counts who uses connections.</summary>
    public required ConnectionLeases Leases { get; init; }

    /// <summary>Gets the connections that are not secured yet.</summary>
    public required PendingHandshakes Pending { get; init; }

    /// <summary>Runs what outlives its caller.</summary>
    public required BackgroundTasks Tracker { get; init; }

    /// <summary>Connects to a relay, of which the caller holds a lease, and announces it, at so many of its addresses at most.</summary>
    public required Func<IReadOnlyList<Multiaddr>, PeerId, DialTerms?, int, CancellationToken, ValueTask<Libp2pConnection>> Reach { get; init; }

    /// <summary>Takes in a connection that a peer has opened.</summary>
    public required Func<UpgradedConnection, Task<Libp2pConnection>> Admit { get; init; }

    /// <summary>Returns the host's addresses without relays, each with its peer id.</summary>
    public required Func<IEnumerable<Multiaddr>> DirectAddresses { get; init; }

    /// <summary>Gets the log.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Returns a stream with a relay as a connection to be secured.</summary>
    public static RawConnection Raw(RelayChannel channel, Libp2pConnection relay, RelayCircuit circuit)
    {
        Multiaddr behind = Multiaddr.Parse($"/p2p/{circuit.Relay}/{RelayedAddress.Part}");
        return new RawConnection(channel, relay.LocalEndPoint, relay.RemoteEndPoint)
        {
            Over = relay.Over is null ? behind : relay.Over.Encapsulate(behind),
            Circuit = circuit,
        };
    }
}

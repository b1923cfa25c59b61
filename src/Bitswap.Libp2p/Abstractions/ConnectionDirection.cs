namespace Bitswap.Libp2p.Abstractions;

/// <summary>Specifies who opened a connection.</summary>
public enum ConnectionDirection
{
    /// <summary>The other side dialed.</summary>
    Inbound,

    /// <summary>This host dialed.</summary>
    Outbound,
}

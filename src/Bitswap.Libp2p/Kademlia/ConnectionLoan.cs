namespace Bitswap.Libp2p.Kademlia;

/// <summary>What queries do with the connection of one peer.</summary>
internal sealed class ConnectionLoan
{
    /// <summary>The requests that use it now.</summary>
    public int Uses { get; set; }

    /// <summary>The connection that was opened for a query; null while there is none, or where it was there before.</summary>
    public Libp2pConnection? Opened { get; set; }
}

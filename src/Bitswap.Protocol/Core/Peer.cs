using Bitswap.Protocol.Client;
using Bitswap.Protocol.Server;

namespace Bitswap.Protocol.Core;

/// <summary>A connected peer: what we want of it, what it wants of us. Nothing of it outlives the connection but the ledger.</summary>
internal sealed class Peer
{
    public Peer(PeerId id, BitswapVersion version, Ledger ledger, ClientSide client, ServerSide server)
    {
        Id = id;
        Version = version;
        Ledger = ledger;
        Link = new PeerLink(this, client);
        Queue = new PeerQueue(this, server);
    }

    public PeerId Id { get; }

    public BitswapVersion Version { get; set; }

    /// <summary>WANT_HAVE, HAVE and DONT_HAVE exist since 1.2.0.</summary>
    public bool KnowsPresence => Version >= BitswapVersion.V120;

    public Ledger Ledger { get; }

    public PeerLink Link { get; }

    public PeerQueue Queue { get; }

    /// <summary>Bytes of unwanted blocks less those of wanted ones, not below zero.</summary>
    public long UnwantedBytes { get; set; }

    /// <summary>When it was last told that the peer sends what it was not asked for.</summary>
    public TimeSpan RefusalToldAt { get; set; } = TimeSpan.MinValue / 2;

    public bool Dropped { get; set; }

    public bool IsConnected { get; set; } = true;
}

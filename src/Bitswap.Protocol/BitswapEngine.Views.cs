using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Server;
using PeerLedger = Bitswap.Protocol.Server.Ledger;

namespace Bitswap.Protocol;

/// <content>What can be seen of it.</content>
public sealed partial class BitswapEngine
{
    /// <summary>The wants of this node, a line for each caller's.</summary>
    public IReadOnlyList<WantlistItem> Wantlist() => _view.Wantlist();

    /// <summary>The wants of a peer; empty for one that is not connected.</summary>
    public IReadOnlyList<PeerWantlistItem> PeerWantlist(PeerId peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return _view.PeerWantlist(peer);
    }

    /// <summary>The connected peers, in the order in which they connected.</summary>
    public IReadOnlyList<EnginePeer> Peers() => _view.Peers();

    /// <summary>The ledger of a peer, connected or one of the last that were; null when there is none.</summary>
    public LedgerSnapshot? Ledger(PeerId peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return _server.Ledgers.Find(peer)?.Snapshot(_context.Now);
    }

    /// <summary>How long it takes until what a peer gave counts half in its score.</summary>
    public static TimeSpan ScoreHalfLife => PeerLedger.HalfLife;

    /// <summary>The score of a peer's ledger, without a snapshot of it; 0 when there is none.</summary>
    public double Score(PeerId peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return _server.Ledgers.Find(peer)?.ScoreAt(_context.Now) ?? 0;
    }

    /// <summary>Blocks received again, and their bytes, without a snapshot of all counters.</summary>
    public (long Blocks, long Bytes) Duplicates => (_context.Counters.DuplicateBlocks, _context.Counters.DuplicateBytes);

    /// <summary>Blocks, HAVEs and DONT_HAVEs received that answered a want.</summary>
    public long Answers => _context.Counters.BlocksReceived + _context.Counters.HavesReceived + _context.Counters.DontHavesReceived;

    /// <summary>All ledgers.</summary>
    public IReadOnlyList<LedgerSnapshot> Ledgers() => _view.Ledgers();

    /// <summary>The counters.</summary>
    public EngineStat Stat() => _view.Stat();

    /// <summary>For tests: what the engine holds.</summary>
    internal ClientSide Client => _client;

    /// <summary>For tests: what the engine holds.</summary>
    internal ServerSide Server => _server;

    /// <summary>For tests: what the engine holds.</summary>
    internal EngineContext Context => _context;
}

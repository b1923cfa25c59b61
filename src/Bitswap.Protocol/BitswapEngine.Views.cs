using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Server;
using PeerLedger = Bitswap.Protocol.Core.Ledger;

namespace Bitswap.Protocol;

/// <content>What can be seen of it.</content>
public sealed partial class BitswapEngine
{
    /// <summary>Returns the wants of this node, a line for each caller's.</summary>
    public IReadOnlyList<WantlistItem> Wantlist() => _view.Wantlist();

    /// <summary>Returns the wants of a peer; empty for one that is not connected.</summary>
    public IReadOnlyList<PeerWantlistItem> PeerWantlist(PeerId peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return _peers.TryGetValue(peer, out ConnectedPeer? connected) ? EngineView.PeerWantlist(connected.Queue) : [];
    }

    /// <summary>Returns the connected peers, in the order in which they connected.</summary>
    public IReadOnlyList<EnginePeer> Peers() => _view.Peers();

    /// <summary>Returns the ledger of a peer, connected or one of the last that were; null when there is none.</summary>
    public LedgerSnapshot? Ledger(PeerId peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return _server.Ledgers.Find(peer)?.Snapshot(_context.Now);
    }

    /// <summary>Gets how long it takes until what a peer gave counts half in its score.</summary>
    public static TimeSpan ScoreHalfLife => PeerLedger.HalfLife;

    /// <summary>Returns the score of a peer's ledger, without a snapshot of it; 0 when there is none.</summary>
    public double Score(PeerId peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return _server.Ledgers.Find(peer)?.ScoreAt(_context.Now) ?? 0;
    }

    /// <summary>Gets the blocks received again, and their bytes, without a snapshot of all counters.</summary>
    public (long Blocks, long Bytes) Duplicates => (_context.Counters.DuplicateBlocks, _context.Counters.DuplicateBytes);

    /// <summary>Gets how many blocks, HAVEs and DONT_HAVEs were received that answered a want.</summary>
    public long Answers => _context.Counters.BlocksReceived + _context.Counters.HavesReceived + _context.Counters.DontHavesReceived;

    /// <summary>Returns the bytes of blocks that a connected peer sent and was not asked for, less what it sent of those it was asked for since; 0 when it is not connected.</summary>
    public long UnwantedBytesOf(PeerId peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return _peers.TryGetValue(peer, out ConnectedPeer? known) ? known.Requests.UnwantedBytes : 0;
    }

    /// <summary>Gets the number of blocks received that were not stored: they are not wanted, or are being stored already.</summary>
    public long DroppedBlocks => _context.Counters.DuplicateBlocks + _context.Counters.UnwantedBlocks;

    /// <summary>Returns all ledgers.</summary>
    public IReadOnlyList<LedgerSnapshot> Ledgers() => _view.Ledgers();

    /// <summary>Returns the counters.</summary>
    public EngineStat Stat() => _view.Stat();

    /// <summary>Gets what the engine holds, for tests.</summary>
    internal ClientSide Client => _client;

    /// <summary>For tests: what the engine holds.</summary>
    internal ServerSide Server => _server;

    /// <summary>For tests: what the engine holds.</summary>
    internal EngineContext Context => _context;

    /// <summary>Gets the connected peers, for tests, in the order in which they connected.</summary>
    internal IReadOnlyList<ConnectedPeer> ConnectedPeers => _peerList;
}

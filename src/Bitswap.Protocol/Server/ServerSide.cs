using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Server;

/// <summary>
/// Represents the half of the engine that serves. Its modules, each of which owns its state and knows only those above it in the constructor: whose turn it is, what peers want
/// (<see cref="PeerWantlists"/>, which say what happens next to a want), and on top the replies.
/// </summary>
internal sealed class ServerSide
{
    private readonly EngineContext _context;
    private readonly List<PeerQueue> _peers = [];
    private readonly PeerTurns _turns;

    public ServerSide(EngineContext context)
    {
        _context = context;
        _turns = new PeerTurns(context);
        Wantlists = new PeerWantlists(context, _peers, _turns);
        Replies = new ReplyBuilder(context, _turns, Wantlists);
        Ledgers = new Ledgers(context.Options.MaxLedgers);
    }

    public PeerWantlists Wantlists { get; }

    public ReplyBuilder Replies { get; }

    public Ledgers Ledgers { get; }

    /// <summary>Adds a peer that connected.</summary>
    public PeerQueue PeerConnected(Peer peer)
    {
        var queue = new PeerQueue(peer, _context.Options, Wantlists.Budget);
        _peers.Add(queue);
        return queue;
    }

    public void PeerDisconnected(PeerQueue queue)
    {
        _peers.Remove(queue);
        Wantlists.PeerLeft(queue);
        _turns.Remove(queue);
        Ledgers.Close(queue.Peer.Ledger);
    }

    public void Flush()
    {
        Wantlists.Checks.Flush();
        Replies.Flush();
    }

    /// <summary>Takes on changed options: rates that changed hold from here on.</summary>
    public void RatesChanged(EngineOptions before)
    {
        if (_context.Options.UploadRate != before.UploadRate)
        {
            Replies.RateChanged();
        }

        if (_context.Options.PeerUploadRate != before.PeerUploadRate)
        {
            foreach (PeerQueue queue in _peers)
            {
                queue.ChangeRate(_context.Options.PeerUploadRate);
                _turns.Update(queue);
            }
        }
    }

    /// <summary>Does what a timer of this half was set for: forgets wants, hurries those that starve, and goes on where an upload rate allows it.</summary>
    public void Fire(EngineTimer timer)
    {
        // The other timer is of the upload rate of the node: what waits for it is sent as actions are taken.
        if (timer is PeerQueue queue)
        {
            Wantlists.Expire(queue);
            _turns.HurryWhoStarves(queue);
            _turns.Update(queue);
            _turns.Schedule(queue);
        }
    }
}

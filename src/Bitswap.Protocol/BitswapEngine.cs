using System.Diagnostics.CodeAnalysis;
using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;
using Bitswap.Protocol.Server;

namespace Bitswap.Protocol;

/// <summary>
/// Represents Bitswap, both halves, without any input or output of its own: a host tells it what happened, then takes the actions that follow. What it does depends on
/// its options, its seed and the calls made, and on nothing else.
/// </summary>
/// <remarks>
/// <para><b>Use.</b> One thread at a time. Call what happened (or <see cref="Tick"/> when <see cref="NextDeadline"/> has come), then
/// <see cref="TryDequeue"/> until it gives nothing more. Actions are made as they are taken, so that whatever is told before them goes out
/// together. <c>now</c> is a monotonic time from any origin; a call with an earlier one counts as of the latest.</para>
///
/// <para><b>A want</b> is looked up in the store first (a few are loaded at once, many are checked and then loaded a few megabytes at a time). A miss goes to the
/// queue of its session: by priority, then first come. From there it is given to a peer that has room. Callers that want one multihash share one
/// want: each ends with exactly one of BlockReceived, HaveReceived and WantEnded, and CANCEL goes out with the last, to the peers that were
/// told and have not sent the block, and to no other. A block that came is given out once it is stored.</para>
///
/// <para><b>Choice.</b> A session asks up to <see cref="EngineOptions.MaxSessionPeers"/> peers. With one there is no choice: WANT_BLOCK. With several, one is asked
/// for the block, at random by first responses + 1, speed and how little it is asked already, and the others whether they have it, unless the
/// one has had nearly everything so far. Never is a block asked of two peers at once. DONT_HAVE, or silence for too long, moves the want to
/// those that said HAVE, then to the next peer of the session, then it is broadcast to all other connected peers, then (where
/// <see cref="EngineOptions.ProviderSearch"/> allows) providers are searched for. After that it is parked: asked of peers that connect later; a
/// fail-fast one ends. A peer loses its place in a session with more than <see cref="EngineOptions.SessionPruneAfter"/> DONT_HAVE in a row, unless
/// it promised something or is the only one, and regains it with a block or HAVE. Unlike boxo, broadcasts ask for DONT_HAVE, too: a want that is to fail fast
/// has to know.</para>
///
/// <para><b>Load.</b> How many blocks are asked of one peer is bounded by <see cref="EngineOptions.MaxOutstandingWants"/>, by
/// <see cref="EngineOptions.MaxRequestedBytes"/> at the mean size of its blocks, and, while other peers could be asked as well, by a window that keeps
/// about half a second of work under way. So the quicker peer gets more, and the last blocks do not wait behind the slowest; what that one still holds when the others are done is
/// asked of them (<c>EndGame</c>). A peer that mostly had nothing is asked for word, not for blocks.</para>
///
/// <para><b>Silence.</b> When a peer has said nothing, to this want or anything else, for the time that
/// <see cref="EngineOptions.DontHaveTimeout"/> and its measured answers make due, the want moves on to the next. Silence ends no want: only the caller's deadline
/// does, since the block may be on its way. A late block still counts. Wants that were not answered are repeated every
/// <see cref="EngineOptions.ResendInterval"/>, after a CANCEL where the peer is not at work on others, since many heed no want that they have in their list; those that were denied after pauses that grow from <see cref="EngineOptions.DeniedRetryDelay"/> to that: the peer may have got
/// the block since, or dropped the want, and say nothing.</para>
///
/// <para><b>Lost peers.</b> A lost connection is not a no. A peer of which the host knows an address is dialled again, with pauses that grow
/// (<see cref="ConnectPeer"/>), while something is wanted that it may have: one that was lost since the caller's session began until the caller's deadline. One that was lost
/// before is tried once no connected peer has the block.</para>
///
/// <para><b>Serving.</b> A peer's wants, <see cref="EngineOptions.MaxPeerWants"/> at most, are looked up in batches; found ones are queued by priority, missing ones
/// wait for the block until withdrawn or forgotten. When the list is full a new want takes the place of the oldest one that is missing, else of
/// the least important one below it; when all peers' wants take more than <see cref="EngineOptions.MaxPeerWantBytes"/>, one of the peer that has most gives way. Who asked to be
/// told of a missing block is told DONT_HAVE of what gave way. A batch of look-ups is shared evenly by the peers that wait for one. Replies are filled to <see cref="EngineOptions.ReplyTarget"/>; peers take turns as <c>PeerTaskQueue</c> says; what is read or
/// sent for one is bounded by <see cref="EngineOptions.MaxOutstandingReplyBytes"/>. A peer that left costs nothing more; only its ledger stays.</para>
///
/// <para><b>Trust.</b> Blocks must come with the CID that their data hashes to (<see cref="MessageCodec.Decode"/> makes it so). Only answers to open wants change anything.
/// Unwanted blocks are counted and dropped, and their sender too when it overdoes it: what this engine asked for and withdrew, or had from another meanwhile, is not
/// held against the peer.</para>
/// </remarks>
public sealed partial class BitswapEngine
{
    private readonly EngineContext _context;
    private readonly ClientSide _client;
    private readonly ServerSide _server;
    private readonly EngineView _view;

    // The connected peers, and the same in the order in which they connected.
    private readonly Dictionary<PeerId, ConnectedPeer> _peers = [];
    private readonly List<ConnectedPeer> _peerList = [];

    /// <summary>Makes an engine.</summary>
    /// <param name="options">Its limits.</param>
    /// <param name="seed">What its choices among peers depend on.</param>
    public BitswapEngine(EngineOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        _context = new EngineContext(options, seed);
        _client = new ClientSide(_context);
        _server = new ServerSide(_context);
        _view = new EngineView(_context, _client, _server, _peerList);
    }

    /// <summary>Gets the options it goes by: those it was made with, or was given since.</summary>
    public EngineOptions Options => _context.Options;

    /// <summary>Gets when <see cref="Tick"/> is to be called at the latest; null when time alone changes nothing.</summary>
    public TimeSpan? NextDeadline => _context.Timers.Next;

    /// <summary>
    /// Changes the options: what is decided from now on goes by them. A rate holds at once, for what waits to be sent too; a limit that is lowered throws nothing out. Sizes of
    /// what was made with the engine or with a connection stay as they were.
    /// </summary>
    public void Configure(EngineOptions options, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(options);
        _context.MoveTo(now);
        EngineOptions before = _context.Options;
        _context.Options = options;
        _server.RatesChanged(before);
    }

    /// <summary>Adds a want of a caller: of a block, or of word of it.</summary>
    /// <exception cref="ArgumentException">A want with that id is open, or it may ask neither the store nor peers.</exception>
    public void Want(WantRequest request, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(request);
        _context.MoveTo(now);
        _client.Wants.Add(request);
    }

    /// <summary>Ends a want of a caller with <see cref="WantEndReason.Cancelled"/>. Other callers' wants of the same block stay. An id that is not open is ignored.</summary>
    public void CancelWant(long id, TimeSpan now)
    {
        _context.MoveTo(now);
        _client.Wants.Cancel(id);
    }

    /// <summary>Ends every caller's want of a multihash with <see cref="WantEndReason.Cancelled"/>.</summary>
    public void CancelCid(Cid cid, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(cid);
        _context.MoveTo(now);
        _client.Wants.Cancel(cid.Hash);
    }

    /// <summary>Takes in a message of a peer, or a part of one. One from a peer that is not connected is ignored.</summary>
    public void Receive(PeerId peer, BitswapMessage message, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(message);
        _context.MoveTo(now);
        if (!_peers.TryGetValue(peer, out ConnectedPeer? sender))
        {
            return;
        }

        ReceiveAnswers(sender, message);
        _server.Wantlists.Receive(sender.Queue, message, null);
    }

    /// <summary>
    /// Takes in the answers of a message, while what it asks is yet to be decided on: its blocks, presences and pending bytes, and leaves
    /// its wantlist for <see cref="ReceiveWants"/>. One from a peer that is not connected is ignored.
    /// </summary>
    public void ReceiveAnswers(PeerId peer, BitswapMessage message, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(message);
        _context.MoveTo(now);
        if (_peers.TryGetValue(peer, out ConnectedPeer? sender))
        {
            ReceiveAnswers(sender, message);
        }
    }

    /// <summary>Takes in what a message asks for, once that was decided on; in the order in which the messages came.</summary>
    /// <param name="peer">Who asks. One that is not connected is ignored.</param>
    /// <param name="message">The message; only its wantlist counts.</param>
    /// <param name="denied">What the peer may not have: it is told that it is not here.</param>
    /// <param name="now">The time.</param>
    public void ReceiveWants(PeerId peer, BitswapMessage message, IReadOnlySet<Cid> denied, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(message);
        ArgumentNullException.ThrowIfNull(denied);
        _context.MoveTo(now);
        if (_peers.TryGetValue(peer, out ConnectedPeer? sender))
        {
            _server.Wantlists.Receive(sender.Queue, message, denied);
        }
    }

    /// <summary>Notes that a <see cref="SendMessage"/> was done, or could not be. Ids of connections that are gone are ignored.</summary>
    public void MessageSent(PeerId peer, long messageId, bool ok, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(peer);
        _context.MoveTo(now);
        if (!_peers.TryGetValue(peer, out ConnectedPeer? receiver))
        {
            return;
        }

        if (!ok)
        {
            _context.Counters.MessagesFailed++;
        }

        if (!_client.Sender.MessageSent(receiver.Requests, messageId, ok))
        {
            _server.Replies.MessageSent(receiver.Queue, messageId, ok);
        }
    }

    /// <summary>Takes the answer to <see cref="CheckBlocks"/>.</summary>
    /// <param name="requestId">The request.</param>
    /// <param name="sizes">The size of each block in bytes, -1 for one that the store does not have.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">No such request is open, or the answer is of another length.</exception>
    public void BlocksChecked(long requestId, IReadOnlyList<int> sizes, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        _context.MoveTo(now);
        _context.Close(requestId, sizes.Count).Checked(sizes);
    }

    /// <summary>Takes the answer to <see cref="LoadBlocks"/>.</summary>
    /// <param name="requestId">The request.</param>
    /// <param name="data">Each block, null for one that the store does not have or cannot read.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">No such request is open, or the answer is of another length.</exception>
    public void BlocksLoaded(long requestId, IReadOnlyList<ReadOnlyMemory<byte>?> data, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(data);
        _context.MoveTo(now);
        _context.Close(requestId, data.Count).Loaded(data);
    }

    /// <summary>Takes the answer to <see cref="StoreBlock"/>.</summary>
    /// <param name="requestId">The request.</param>
    /// <param name="error">Null when the block is stored; otherwise what went wrong.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">No such request is open.</exception>
    public void BlockStored(long requestId, string? error, TimeSpan now)
    {
        _context.MoveTo(now);
        if (_client.Wants.BlockStored(requestId, error) is { } block)
        {
            _server.Wantlists.BlockCame(block.Cid.Hash, block.Data.Length);
        }
    }

    /// <summary>Notes that a block was put into the store by other code than this engine: wants for it end, peers that wait for it are answered.</summary>
    public void BlockAdded(Cid cid, int size, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(cid);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        _context.MoveTo(now);
        _client.Wants.BlockAdded(cid.Hash, size);
        _server.Wantlists.BlockCame(cid.Hash, size);
    }

    /// <summary>
    /// Notes that a block was taken out of the store. Answers that are queued find out when they read it; it no longer counts as received, so that it may be
    /// wanted and received again without being a duplicate.
    /// </summary>
    public void BlockRemoved(Cid cid, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(cid);
        _context.MoveTo(now);
        _client.Answers.BlockRemoved(cid.Hash);
    }

    /// <summary>Takes an answer to <see cref="FindProviders"/>; see there. For a search that is over it is ignored.</summary>
    public void ProvidersFound(long requestId, IReadOnlyList<PeerId> peers, bool finished, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(peers);
        _context.MoveTo(now);
        _client.Wants.SearchAnswered(requestId, peers, finished);
    }

    /// <summary>Does what is due by now.</summary>
    public void Tick(TimeSpan now)
    {
        _context.MoveTo(now);
        while (_context.Timers.TakeDue(_context.Now) is { } timer)
        {
            if (!_client.TryFire(timer))
            {
                _server.Fire(timer);
            }
        }
    }

    /// <summary>Takes the next thing to do; false when there is nothing until something happens or <see cref="NextDeadline"/> comes.</summary>
    public bool TryDequeue([NotNullWhen(true)] out EngineAction? action)
    {
        if (_context.Actions.TryDequeue(out action))
        {
            return true;
        }

        _client.Flush();
        _server.Flush();
        return _context.Actions.TryDequeue(out action);
    }

    private void ReceiveAnswers(ConnectedPeer sender, BitswapMessage message)
    {
        _context.Counters.MessagesReceived += message.IsContinuation ? 0 : 1;
        _client.Answers.Receive(sender.Requests, message);
    }
}

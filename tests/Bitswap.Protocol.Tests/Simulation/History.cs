using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>A random history of one engine, and the world around it.</summary>
internal sealed partial class History
{
    private const int Cap = 6;
    private const int LargestBlock = 30_000;

    private readonly Random _random;
    private readonly BitswapEngine _engine;
    // Small ones that may answer WANT_HAVE, and a few so large that not many may be under way at once.
    private readonly Block[] _blocks = [.. Enumerable.Range(0, 60).Select(i => TestData.Block(i, i % 6 == 5 ? LargestBlock : 10 + (i * 50)))];
    private readonly PeerId[] _peers = [.. Enumerable.Range(1, 6).Select(TestData.Peer)];
    private readonly Dictionary<PeerId, PeerBehavior> _tempers = [];
    private readonly Dictionary<PeerId, HashSet<Multihash>> _holdings = [];
    private readonly Dictionary<PeerId, SimulatedPeer> _connected = [];
    private readonly Dictionary<PeerId, LostConnection> _lost = [];
    private readonly Dictionary<Multihash, ReadOnlyMemory<byte>> _store = [];
    private readonly List<EngineAction> _open = [];
    private readonly Dictionary<long, SimulatedWant> _wants = [];
    private TimeSpan _now = TimeSpan.FromSeconds(1);
    private TimeSpan _answeredFrom = TimeSpan.MaxValue;
    private long _lastWant;

    public History(int seed)
    {
        _random = new Random(seed);
        _engine = new BitswapEngine(
            new EngineOptions
            {
                MaxOutstandingWants = Cap,
                MaxPeerWants = 10,
                MaxPeerWantBytes = 12 * 1024,
                MaxSessionPeers = 3,
                BroadcastWindow = 4,
                SessionPruneAfter = 3,
                MaxWantMessageEntries = 5,
                ReplyTarget = 1024,
                MaxOutstandingReplyBytes = 64 * 1024,
                ProviderSearch = seed % 2 == 0,
                FailFastWithoutPeers = seed % 3 == 0,
                MaxIdleSessions = 2,
                RecentBlocks = 20,
                MaxUnwantedBytes = 1024 * 1024,
            },
            (ulong)seed);
        foreach (PeerId peer in _peers)
        {
            _tempers.Add(peer, PeerBehavior.Of(_random));
            _holdings.Add(peer, [.. _blocks.Where(_ => _random.Next(3) == 0).Select(block => block.Cid.Hash)]);
        }
    }

    /// <summary>What occurred: reasons of ends, words of reports, drops.</summary>
    public HashSet<string> Seen { get; } = [];

    public int Steps { get; private set; }

    public string Last { get; private set; } = string.Empty;

    public void Step()
    {
        Steps++;
        int kind = _random.Next(100);
        _now += TimeSpan.FromMilliseconds(_random.Next(3) == 0 ? _random.Next(400) : 0);
        Last = $"kind {kind}";
        if (kind < 25)
        {
            Want();
        }
        else if (kind < 32 && _wants.Count > 0)
        {
            Cancel(_wants.Keys.ElementAt(_random.Next(_wants.Count)));
        }
        else if (kind < 33)
        {
            CancelAll(AnyBlock().Cid);
        }
        else if (kind < 38)
        {
            ConnectOrNot(_peers[_random.Next(_peers.Length)]);
        }
        else if (kind < 60 && _connected.Count > 0)
        {
            AnswerOrNot(AnyPeer());
        }
        else if (kind < 61)
        {
            // said to nobody
            _holdings[_peers[_random.Next(_peers.Length)]].Add(AnyBlock().Cid.Hash);
        }
        else if (kind < 70 && _connected.Count > 0)
        {
            PeerWants(AnyPeer());
        }
        else if (kind < 73)
        {
            Block block = AnyBlock();
            _store[block.Cid.Hash] = block.Data;
            _engine.BlockAdded(block.Cid, block.Data.Length, _now);
        }
        else if (kind < 75)
        {
            Block block = AnyBlock();
            _store.Remove(block.Cid.Hash);
            _engine.BlockRemoved(block.Cid, _now);
        }
        else if (kind < 80)
        {
            _now += TimeSpan.FromSeconds(_random.Next(40));
            Tick();
        }
        else if (_open.Count > 0)
        {
            AnswerAction(_random.Next(_open.Count));
        }

        Drain();
        Check();
    }

    public void Finish()
    {
        Last = "finish";
        while (_open.Count > 0)
        {
            AnswerAction(0, ok: true);
            Drain();
        }

        foreach (PeerId peer in _peers)
        {
            if (!_connected.ContainsKey(peer))
            {
                ConnectOrNot(peer);
            }
        }

        // Each has something to swallow that nobody else is asked for.
        foreach (PeerId peer in _peers)
        {
            Want(AnyBlock(), [peer], _now + TimeSpan.FromMinutes(5));
        }

        Drain();
        while (_open.Count > 0)
        {
            AnswerAction(0, ok: true);
            Drain();
        }

        // Everybody gets everything now and answers truly: no want may be lost, and none that somebody may be asked for may time out.
        foreach (SimulatedPeer peer in _connected.Values)
        {
            peer.IsReformed = true;
        }

        _answeredFrom = _now;
        for (int round = 0; round < 400 && _wants.Count > 0; round++)
        {
            foreach (SimulatedPeer peer in _connected.Values)
            {
                Block[] asked = [.. peer.Heeded.Where(e => e.Type == WantType.Block).Select(e => _blocks.First(b => b.Cid.Hash.Equals(e.Cid.Hash)))];
                BlockPresence[] haves = [.. peer.Heeded.Where(e => e.Type == WantType.Have).Select(e => new BlockPresence(e.Cid, PresenceType.Have))];
                _engine.Receive(peer.Id, peer.Say(new BitswapMessage { Blocks = asked, Presences = haves }, _now), _now);
                Drain();
            }

            while (_open.Count > 0)
            {
                AnswerAction(0, ok: true);
                Drain();
            }

            _now += TimeSpan.FromSeconds(5);
            Tick();
            Drain();
            Check();
        }

        Assert.Empty(_wants);
        foreach (PeerId peer in _connected.Keys.ToArray())
        {
            ConnectOrNot(peer);
        }

        Drain();
        Assert.Empty(_engine.Client.Wants.All);
        Assert.Empty(_engine.Client.Wants.Subscriptions);
        Assert.Equal(0, _engine.Client.Wants.ParkedCount);
        Assert.Equal(0, _engine.Client.Wants.Scheduler.StoringBytes);
        Assert.Equal(0, _engine.Client.Wants.StoringCount);
        Assert.Equal(0, _engine.Server.Wantlists.Waiting.Count);
        Assert.Equal(0, _engine.Context.OpenRequests);
        Assert.Equal(_engine.Client.Searches.OpenCount, _engine.Context.Timers.Count);
        Assert.All(_engine.Client.Sessions.All, s => Assert.Equal((0, 0), (s.Broadcasting, s.OpenSubscriptions)));
        Assert.Empty(Reachable.From(_engine).OfType<Peer>());
    }

    private void Tick()
    {
        _engine.Tick(_now);
        Drain();
        Assert.DoesNotContain(_wants.Values, w => w.Request.Deadline <= _now);
    }

    private void Want()
    {
        PeerId[]? only = _random.Next(5) == 0 ? [.. _peers.Where(_ => _random.Next(2) == 0)] : null;
        // All have an end, since an exclusive want for no peer at all would otherwise have none.
        Want(AnyBlock(), only, _now + TimeSpan.FromSeconds(_random.Next(1, 300)));
    }

    private void Want(Block block, PeerId[]? only, TimeSpan deadline)
    {
        long id = ++_lastWant;
        bool localOnly = _random.Next(15) == 0;
        bool skipStore = !localOnly && _random.Next(6) == 0;
        var request = new WantRequest
        {
            Id = id,
            Cid = _random.Next(4) == 0 ? block.AsV0().Cid : block.Cid,
            Priority = _random.Next(-2, 3),
            Type = _random.Next(4) == 0 ? WantType.Have : WantType.Block,
            SessionId = _random.Next(4),
            OnlyPeers = only,
            FailFast = _random.Next(2) == 0,
            LocalOnly = localOnly,
            SkipStore = skipStore,
            Deadline = deadline,
        };
        _wants.Add(id, new SimulatedWant(request, _now));
        _engine.Want(request, _now);
    }

    private void Cancel(long id)
    {
        _wants[id].IsCancelled = true;
        _engine.CancelWant(id, _now);
    }

    private void CancelAll(Cid cid)
    {
        foreach (SimulatedWant want in _wants.Values.Where(want => want.Hash.Equals(cid.Hash)))
        {
            want.IsCancelled = true;
        }

        _engine.CancelCid(cid, _now);
    }

    private void PeerWants(SimulatedPeer peer)
    {
        WantlistEntry[] entries = [.. Enumerable.Range(0, _random.Next(15)).Select(_ => AnyBlock().Cid).Distinct().Select(c =>
            new WantlistEntry(c, _random.Next(5), _random.Next(4) == 0, (WantType)_random.Next(2), _random.Next(2) == 0))];
        _engine.Receive(peer.Id, peer.Ask(entries, full: _random.Next(6) == 0), _now);
    }

    private void AnswerAction(int index, bool ok = false)
    {
        EngineAction action = _open[index];
        _open.RemoveAt(index);
        switch (action)
        {
            case SendMessage send:
                bool sent = ok || _random.Next(20) > 0;
                _connected[send.Peer].Sent(send.MessageId, sent);
                _engine.MessageSent(send.Peer, send.MessageId, sent, _now);
                break;
            case CheckBlocks check:
                _engine.BlocksChecked(check.RequestId, [.. check.Cids.Select(c => _store.TryGetValue(c.Hash, out ReadOnlyMemory<byte> d) ? d.Length : -1)], _now);
                break;
            case LoadBlocks load:
                _engine.BlocksLoaded(load.RequestId, [.. load.Cids.Select(c => _store.TryGetValue(c.Hash, out ReadOnlyMemory<byte> d) ? d : (ReadOnlyMemory<byte>?)null)], _now);
                break;
            case StoreBlock store:
                bool stored = ok || _random.Next(10) > 0;
                if (stored)
                {
                    _store[store.Block.Cid.Hash] = store.Block.Data;
                }
                else
                {
                    _notStored.Add(store.Block.Cid.Hash);
                }

                _engine.BlockStored(store.RequestId, stored ? null : "no room", _now);
                break;
            case ConnectPeer connect:
                Dialled(connect, ok);
                break;
            case DropPeer drop:
                if (_connected.ContainsKey(drop.Peer))
                {
                    Disconnect(drop.Peer, new PeerLoss(drop.MayReturn, ByUs: true, drop.Reason));
                }

                break;
            case FindProviders find:
                _engine.ProvidersFound(find.RequestId, [_peers[_random.Next(_peers.Length)]], ok || _random.Next(2) == 0, _now);
                break;
        }
    }

    private void Drain()
    {
        int count = 0;
        while (_engine.TryDequeue(out EngineAction? action))
        {
            Assert.True(++count < 10_000, "actions without end");
            switch (action)
            {
                case SendMessage send:
                    Sent(send);
                    _open.Add(send);
                    break;
                case BlockReceived received:
                    Assert.All(received.WantIds, id => Assert.True(received.From is not null || !_wants[id].Request.SkipStore, "the store's block for a want that skips it"));
                    Assert.All(received.WantIds, id => Assert.Equal(End(id).Hash, received.Block.Cid.Hash));
                    Assert.True(received.Block.Cid.Hash.Matches(received.Block.Data.Span));
                    break;
                case HaveReceived have:
                    Assert.True(have.From is null ? !_wants[have.WantId].Request.SkipStore : _wants[have.WantId].MayAsk(have.From), "word from whom nobody asked");
                    End(have.WantId);
                    break;
                case WantEnded ended:
                    CheckThatTheEndIsTrue(End(ended.WantId), ended);
                    break;
                case DropPeer drop:
                    CheckThatTheDropIsDeserved(drop);
                    _open.Add(drop);
                    break;
                case BlockRefused refused:
                    Assert.Contains(refused.Peer, _connected.Keys);
                    break;
                case ConnectPeer connect:
                    Assert.True(_lost[connect.Peer].Loss.CanReturn && !_connected.ContainsKey(connect.Peer), "a dial of a peer that is there, or is not to be dialled");
                    _lost[connect.Peer].Request = connect.RequestId;
                    _open.Add(connect);
                    break;
                case FindProviders find:
                    _searches.Add(find.RequestId, _now);
                    _open.Add(find);
                    break;
                default:
                    _open.Add(action);
                    break;
            }
        }
    }

    private SimulatedWant End(long id)
    {
        Assert.True(_wants.Remove(id, out SimulatedWant? want), $"want {id} ended twice");
        return want!;
    }

    private void Sent(SendMessage send)
    {
        Assert.True(_connected.TryGetValue(send.Peer, out SimulatedPeer? peer), "a message for an absent peer");
        peer!.TakeWants(send.Message, _now, _random, entry => _wants.Values.Any(w => w.Hash.Equals(entry.Cid.Hash) && w.MayAsk(send.Peer)));
        peer.TakeAnswers(send, _engine.Options.HaveToBlockSize);
        Assert.InRange(peer.BytesUnderWay, 0, _engine.Options.MaxOutstandingReplyBytes + LargestBlock);
    }

    private Block AnyBlock() => _blocks[_random.Next(_blocks.Length)];

    private SimulatedPeer AnyPeer() => _connected.Values.ElementAt(_random.Next(_connected.Count));
}

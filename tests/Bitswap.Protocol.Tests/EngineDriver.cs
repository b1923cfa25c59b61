namespace Bitswap.Protocol.Tests;

/// <summary>An engine with a store and a clock, the peers played by the test. Store requests and sends are answered at once unless held.</summary>
internal sealed class EngineDriver
{
    private readonly Dictionary<PeerId, List<BitswapMessage>> _sent = [];
    private long _lastWant;

    public EngineDriver(EngineOptions? options = null, ulong seed = 1)
    {
        Engine = new BitswapEngine(options ?? EngineOptions.Default, seed);
    }

    public BitswapEngine Engine { get; }

    public TimeSpan Now { get; set; } = TimeSpan.FromSeconds(100);

    public Dictionary<Multihash, ReadOnlyMemory<byte>> Store { get; } = [];

    /// <summary>Everything but sends and store requests.</summary>
    public List<EngineAction> Results { get; } = [];

    public List<SendMessage> HeldSends { get; } = [];

    public List<EngineAction> HeldStoreRequests { get; } = [];

    public bool HoldSends { get; set; }

    public bool HoldStore { get; set; }

    public string? StoreError { get; set; }

    public int MaxActions { get; set; } = 1_000_000;

    public IEnumerable<long> Received => Results.OfType<BlockReceived>().SelectMany(r => r.WantIds);

    public IEnumerable<WantEnded> Ended => Results.OfType<WantEnded>();

    public IEnumerable<HaveReceived> Haves => Results.OfType<HaveReceived>();

    public void Connect(PeerId peer, BitswapVersion version = BitswapVersion.V120)
    {
        Engine.PeerConnected(peer, version, Now);
        Run();
    }

    public void Disconnect(PeerId peer, PeerLoss? loss = null)
    {
        Engine.PeerDisconnected(peer, Now, loss);
        Run();
    }

    public void Break(PeerId peer, PeerAnswerKind how = PeerAnswerKind.Reset)
    {
        Engine.StreamBroke(peer, how, Now);
        Run();
    }

    public long Want(Cid cid, int priority = 1, WantType type = WantType.Block, long session = 0, IReadOnlyList<PeerId>? only = null, TimeSpan? timeout = null, bool failFast = false, bool localOnly = false, bool skipStore = false, bool run = true)
    {
        long id = ++_lastWant;
        Engine.Want(
            new WantRequest
            {
                Id = id,
                Cid = cid,
                Priority = priority,
                Type = type,
                SessionId = session,
                OnlyPeers = only,
                Deadline = timeout is { } t ? Now + t : null,
                FailFast = failFast,
                LocalOnly = localOnly,
                SkipStore = skipStore,
            },
            Now);
        if (run)
        {
            Run();
        }

        return id;
    }

    public void Cancel(long id)
    {
        Engine.CancelWant(id, Now);
        Run();
    }

    public void Receive(PeerId peer, BitswapMessage message)
    {
        Engine.Receive(peer, message, Now);
        Run();
    }

    public void ReceiveBlocks(PeerId peer, params Block[] blocks) => Receive(peer, new BitswapMessage { Blocks = blocks });

    public void ReceiveHave(PeerId peer, params Cid[] cids) => Receive(peer, new BitswapMessage { Presences = [.. cids.Select(c => new BlockPresence(c, PresenceType.Have))] });

    public void ReceiveDontHave(PeerId peer, params Cid[] cids) => Receive(peer, new BitswapMessage { Presences = [.. cids.Select(c => new BlockPresence(c, PresenceType.DontHave))] });

    public void ReceiveWants(PeerId peer, params WantlistEntry[] entries) => Receive(peer, new BitswapMessage { Wantlist = entries });

    public void Add(Block block)
    {
        Store[block.Cid.Hash] = block.Data;
        Engine.BlockAdded(block.Cid, block.Data.Length, Now);
        Run();
    }

    /// <summary>Moves the clock, calling the engine whenever it asked for it.</summary>
    public void Advance(TimeSpan time)
    {
        TimeSpan end = Now + time;
        int calls = 0;
        while (Engine.NextDeadline is { } due && due <= end)
        {
            Now = due > Now ? due : Now;
            Engine.Tick(Now);
            Run();
            Assert.True(++calls < 1_000_000, "the engine asks to be called without end");
        }

        Now = end;
        Engine.Tick(Now);
        Run();
    }

    public void Run()
    {
        int count = 0;
        while (Engine.TryDequeue(out EngineAction? action))
        {
            Assert.True(++count < MaxActions, "the engine makes actions without end");
            switch (action)
            {
                case SendMessage send:
                    if (!_sent.TryGetValue(send.Peer, out List<BitswapMessage>? messages))
                    {
                        _sent.Add(send.Peer, messages = []);
                    }

                    messages.Add(send.Message);
                    if (HoldSends)
                    {
                        HeldSends.Add(send);
                    }
                    else
                    {
                        Engine.MessageSent(send.Peer, send.MessageId, true, Now);
                    }

                    break;
                case CheckBlocks or LoadBlocks or StoreBlock when HoldStore:
                    HeldStoreRequests.Add(action);
                    break;
                case CheckBlocks or LoadBlocks or StoreBlock:
                    AnswerStore(action);
                    break;
                default:
                    Results.Add(action);
                    break;
            }
        }
    }

    public void ReleaseSends(bool ok = true)
    {
        SendMessage[] held = [.. HeldSends];
        HeldSends.Clear();
        foreach (SendMessage send in held)
        {
            Engine.MessageSent(send.Peer, send.MessageId, ok, Now);
        }

        Run();
    }

    public void ReleaseStore()
    {
        EngineAction[] held = [.. HeldStoreRequests];
        HeldStoreRequests.Clear();
        foreach (EngineAction action in held)
        {
            AnswerStore(action);
        }

        Run();
    }

    /// <summary>What was sent to a peer since this was last asked.</summary>
    public List<BitswapMessage> TakeSent(PeerId peer) => _sent.Remove(peer, out List<BitswapMessage>? messages) ? messages : [];

    /// <summary>The wantlist entries sent to a peer since this was last asked.</summary>
    public List<WantlistEntry> TakeEntries(PeerId peer) => [.. TakeSent(peer).SelectMany(m => m.Wantlist)];

    private void AnswerStore(EngineAction action)
    {
        switch (action)
        {
            case CheckBlocks check:
                Engine.BlocksChecked(check.RequestId, [.. check.Cids.Select(c => Store.TryGetValue(c.Hash, out ReadOnlyMemory<byte> d) ? d.Length : -1)], Now);
                break;
            case LoadBlocks load:
                Engine.BlocksLoaded(load.RequestId, [.. load.Cids.Select(c => Store.TryGetValue(c.Hash, out ReadOnlyMemory<byte> d) ? d : (ReadOnlyMemory<byte>?)null)], Now);
                break;
            case StoreBlock store:
                if (StoreError is null)
                {
                    Store[store.Block.Cid.Hash] = store.Block.Data;
                }

                Engine.BlockStored(store.RequestId, StoreError, Now);
                break;
        }
    }
}

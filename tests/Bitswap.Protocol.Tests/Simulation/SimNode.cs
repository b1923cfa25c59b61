using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>An engine on the simulated network, with a store in memory. Checks the engine's promises as it goes.</summary>
internal sealed class SimNode
{
    private readonly SimNetwork _network;
    private readonly Dictionary<PeerId, Line> _lines = [];
    private TimeSpan _uploadFree;
    private TimeSpan _downloadFree;
    private TimeSpan? _wake;
    private long _lastWant;

    public SimNode(SimNetwork network, PeerId id, EngineOptions options, ulong seed)
    {
        _network = network;
        Id = id;
        Engine = new BitswapEngine(options, seed);
    }

    public SimNetwork Network => _network;

    public PeerId Id { get; }

    public BitswapEngine Engine { get; }

    /// <summary>Bytes a second to all others together; 0 for no limit.</summary>
    public double UploadRate { get; init; }

    /// <summary>Bytes a second of all others together; 0 for no limit. With a limit, what is sent to it counts as sent only when it was read: nothing is buffered between.</summary>
    public double DownloadRate { get; init; }

    public TimeSpan StoreLatency { get; init; } = TimeSpan.FromMilliseconds(0.1);

    /// <summary>When set, nothing that is sent arrives: the node is there and says nothing.</summary>
    public bool IsMute { get; set; }

    /// <summary>When set, what the node is about to send is changed by it.</summary>
    public Func<BitswapMessage, BitswapMessage>? Tamper { get; set; }

    public Dictionary<Multihash, ReadOnlyMemory<byte>> Store { get; } = [];

    public List<long> Got { get; } = [];

    public List<WantEnded> Ended { get; } = [];

    public HashSet<long> Open { get; } = [];

    public List<DropPeer> Drops { get; } = [];

    /// <summary>Called with every message that the engine hands out.</summary>
    public Action<PeerId, BitswapMessage>? OnSend { get; set; }

    /// <summary>The most wants that a peer was ever told of without an answer.</summary>
    public int MaxOutstanding { get; private set; }

    /// <summary>The most wants that were ever kept for a peer, besides what was being sent.</summary>
    public int MaxPeerWantsHeld { get; private set; }

    public void Put(Block block) => Store[block.Cid.Hash] = block.Data;

    public void Add(Block block)
    {
        Put(block);
        Engine.BlockAdded(block.Cid, block.Data.Length, _network.Now);
        Drain();
    }

    public long Want(Cid cid, long session = 1, bool failFast = false, int priority = 1, IReadOnlyList<PeerId>? only = null, TimeSpan? timeout = null)
    {
        long id = ++_lastWant;
        Open.Add(id);
        Engine.Want(
            new WantRequest { Id = id, Cid = cid, SessionId = session, FailFast = failFast, Priority = priority, OnlyPeers = only, Deadline = timeout is { } t ? _network.Now + t : null },
            _network.Now);
        return id;
    }

    public void Connected(PeerId peer, double latencySeconds, BitswapVersion version)
    {
        _lines[peer] = new Line(TimeSpan.FromSeconds(latencySeconds), version);
        Engine.PeerConnected(peer, version, _network.Now);
        Drain();
    }

    public void Disconnected(PeerId peer)
    {
        _lines.Remove(peer);
        Engine.PeerDisconnected(peer, _network.Now);
        Drain();
    }

    public void Receive(PeerId from, BitswapMessage message)
    {
        _network.Delivered(from, Id, message);
        Engine.Receive(from, message, _network.Now);
        Drain();
    }

    public void Drain()
    {
        while (Engine.TryDequeue(out EngineAction? action))
        {
            Do(action);
        }

        foreach (ConnectedPeer peer in Engine.ConnectedPeers)
        {
            MaxOutstanding = Math.Max(MaxOutstanding, peer.Requests.Awaited);
            MaxPeerWantsHeld = Math.Max(MaxPeerWantsHeld, peer.Queue.Wants.Count - peer.Queue.SendingCount);
        }

        ScheduleWake();
    }

    private void Do(EngineAction action)
    {
        switch (action)
        {
            case SendMessage send:
                Send(send);
                break;
            case CheckBlocks check:
                Later(StoreLatency, () => Engine.BlocksChecked(
                    check.RequestId, [.. check.Cids.Select(c => Store.TryGetValue(c.Hash, out ReadOnlyMemory<byte> d) ? d.Length : -1)], _network.Now));
                break;
            case LoadBlocks load:
                Later(StoreLatency, () => Engine.BlocksLoaded(
                    load.RequestId, [.. load.Cids.Select(c => Store.TryGetValue(c.Hash, out ReadOnlyMemory<byte> d) ? d : (ReadOnlyMemory<byte>?)null)], _network.Now));
                break;
            case StoreBlock store:
                Assert.True(store.Block.Cid.Hash.Matches(store.Block.Data.Span), "a block is stored that does not hash to its CID");
                Later(StoreLatency, () =>
                {
                    Put(store.Block);
                    Engine.BlockStored(store.RequestId, null, _network.Now);
                });
                break;
            case BlockReceived received:
                foreach (long id in received.WantIds)
                {
                    Assert.True(Open.Remove(id), $"want {id} ended twice");
                    Got.Add(id);
                }

                break;
            case HaveReceived have:
                Assert.True(Open.Remove(have.WantId), $"want {have.WantId} ended twice");
                break;
            case WantEnded ended:
                Assert.True(Open.Remove(ended.WantId), $"want {ended.WantId} ended twice");
                Ended.Add(ended);
                break;
            case DropPeer drop:
                Drops.Add(drop);
                break;
        }
    }

    private void Send(SendMessage send)
    {
        Assert.True(_lines.TryGetValue(send.Peer, out Line? line), "a message for a peer that is not connected");
        OnSend?.Invoke(send.Peer, send.Message);
        BitswapMessage message = Tamper?.Invoke(send.Message) ?? send.Message;
        int size = MessageCodec.GetSize(message, line!.Version);
        Assert.InRange(size, 0, Engine.Options.MaxMessageSize);
        byte[] frame = new byte[MessageCodec.GetFrameSize(message, line.Version)];
        MessageCodec.EncodeFrame(message, line.Version, frame);
        BitswapMessage decoded = MessageCodec.Decode(frame.AsMemory(frame.Length - size), WireLimits.Default);

        TimeSpan sent = Occupy(ref _uploadFree, UploadRate, size);
        SimNode receiver = _network.Node(send.Peer);
        PeerId me = Id;
        bool mute = IsMute;
        bool reported = false;
        if (receiver.DownloadRate <= 0)
        {
            _network.At(sent, Report);
        }

        _network.At(sent + line.Latency, () =>
        {
            if (mute || !IsOpen())
            {
                Lose();
                return;
            }

            TimeSpan arrived = receiver.Occupy(ref receiver._downloadFree, receiver.DownloadRate, size);
            _network.At(arrived, () =>
            {
                Report();
                if (IsOpen())
                {
                    receiver.Receive(me, decoded);
                }
                else
                {
                    Lose();
                }
            });
        });

        bool IsOpen() => _lines.TryGetValue(send.Peer, out Line? still) && still == line;

        void Report()
        {
            if (!reported && IsOpen())
            {
                reported = true;
                Engine.MessageSent(send.Peer, send.MessageId, true, _network.Now);
                Drain();
            }
        }

        void Lose()
        {
            if (reported)
            {
                _network.WasLost(me, send.Peer, decoded);
            }
        }
    }

    private TimeSpan Occupy(ref TimeSpan free, double rate, int size)
    {
        if (rate <= 0)
        {
            return _network.Now;
        }

        TimeSpan from = free > _network.Now ? free : _network.Now;
        free = from + TimeSpan.FromSeconds(size / rate);
        return free;
    }

    private void Later(TimeSpan delay, Action action) => _network.At(_network.Now + delay, () =>
    {
        action();
        Drain();
    });

    private void ScheduleWake()
    {
        if (Engine.NextDeadline is not { } due || (_wake is { } wake && wake <= due && wake > _network.Now))
        {
            return;
        }

        _wake = due;
        _network.At(due, () =>
        {
            if (_wake == due)
            {
                _wake = null;
            }

            Engine.Tick(_network.Now);
            Drain();
        });
    }

    private sealed record Line(TimeSpan Latency, BitswapVersion Version);
}

using Bitswap.Node.Observability;
using Bitswap.Protocol;

namespace Bitswap.Node.Tests.Support;

/// <summary>
/// Plays what a trace says came in (peers, messages, wants) into an engine at the times it came, and keeps what the engine sends.
/// A trace has no data, so blocks are zeros of their size: an engine looks at CIDs alone.
/// </summary>
internal sealed class TraceReplay
{
    private readonly BitswapEngine _engine;
    private readonly Dictionary<Multihash, int> _store;
    private TimeSpan _now;

    /// <param name="options">The options of the traced node's engine.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="stored">The blocks it had when the trace began.</param>
    public TraceReplay(EngineOptions options, ulong seed, IEnumerable<BlockSummary> stored)
    {
        _engine = new BitswapEngine(options, seed);
        _store = stored.ToDictionary(block => block.Cid.Hash, block => block.Size);
    }

    /// <summary>What the engine sent.</summary>
    public List<(PeerId Peer, BitswapMessage Message)> Sent { get; } = [];

    /// <summary>Everything of a kind that was sent, free of how it was put into messages.</summary>
    public static IEnumerable<string> Said(PeerId peer, IEnumerable<WantlistEntry> entries, IEnumerable<BlockSummary> blocks, IEnumerable<BlockPresence> presences) =>
    [
        .. entries.Select(entry => $"{peer} {(entry.Cancel ? "cancel" : entry.Type.ToString())} {entry.Cid} {entry.Priority} {entry.SendDontHave}"),
        .. blocks.Select(block => $"{peer} block {block.Cid} {block.Size}"),
        .. presences.Select(presence => $"{peer} {presence.Type} {presence.Cid}"),
    ];

    /// <summary>What the trace says was sent.</summary>
    public static string[] Recorded(IEnumerable<NodeObservation> trace) =>
        [.. trace.OfType<MessageObservation>().Where(message => message.IsSent).SelectMany(m => Said(m.Peer, m.Entries, m.Blocks, m.Presences)).Order(StringComparer.Ordinal)];

    /// <summary>What the replayed engine sent.</summary>
    public string[] Replayed() =>
    [
        .. Sent.SelectMany(sent => Said(
                sent.Peer, sent.Message.Wantlist, sent.Message.Blocks.Select(block => new BlockSummary(block.Cid, block.Data.Length)), sent.Message.Presences))
            .Order(StringComparer.Ordinal),
    ];

    public void Play(IReadOnlyList<NodeObservation> trace)
    {
        DateTimeOffset start = trace[0].Time;
        foreach (NodeObservation observation in trace)
        {
            MoveTo(observation.Time - start);
            switch (observation)
            {
                case PeerObservation { Version: { } version } came:
                    _engine.PeerConnected(came.Peer, version, _now);
                    break;
                case PeerObservation left:
                    _engine.PeerDisconnected(left.Peer, _now);
                    break;
                case MessageObservation { IsSent: false } message:
                    _engine.Receive(message.Peer, ToMessage(message), _now);
                    break;
                case WantObservation want:
                    _engine.Want(
                        new WantRequest
                        {
                            Id = want.WantId,
                            Cid = want.Cid,
                            Type = want.Type,
                            Priority = want.Priority,
                            SessionId = want.Session,
                            OnlyPeers = want.OnlyPeers,
                            SkipStore = want.SkipsStore,
                        },
                        _now);
                    break;
                case WantEndObservation { Outcome: "WantCancelled" } ended:
                    _engine.CancelWant(ended.WantId, _now);
                    break;
            }

            Drain();
        }
    }

    private static BitswapMessage ToMessage(MessageObservation message) => new()
    {
        Full = message.Full,
        Wantlist = message.Entries,
        Blocks = [.. message.Blocks.Select(block => new Block(block.Cid, new byte[block.Size]))],
        Presences = message.Presences,
        PendingBytes = message.PendingBytes,
    };

    private void MoveTo(TimeSpan time)
    {
        while (_engine.NextDeadline is { } due && due <= time)
        {
            _now = due > _now ? due : _now;
            _engine.Tick(_now);
            Drain();
        }

        _now = time > _now ? time : _now;
    }

    private void Drain()
    {
        while (_engine.TryDequeue(out EngineAction? action))
        {
            switch (action)
            {
                case SendMessage send:
                    Sent.Add((send.Peer, send.Message));
                    _engine.MessageSent(send.Peer, send.MessageId, true, _now);
                    break;
                case CheckBlocks check:
                    _engine.BlocksChecked(check.RequestId, [.. check.Cids.Select(cid => _store.GetValueOrDefault(cid.Hash, -1))], _now);
                    break;
                case LoadBlocks load:
                    _engine.BlocksLoaded(
                        load.RequestId,
                        [.. load.Cids.Select(cid => _store.TryGetValue(cid.Hash, out int size) ? new byte[size] : default(ReadOnlyMemory<byte>?))],
                        _now);
                    break;
                case StoreBlock put:
                    _store[put.Block.Cid.Hash] = put.Block.Data.Length;
                    _engine.BlockStored(put.RequestId, null, _now);
                    break;
            }
        }
    }
}

using System.Diagnostics;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Protocol;

namespace Bitswap.Benchmarks;

/// <summary>
/// Two engines hand each other their messages without a network or a store between: what remains is the engine itself. Time and allocations are taken
/// apart, each side's own.
/// </summary>
internal sealed class EngineBench
{
    private static readonly byte[] _data = new byte[4096];

    private readonly Side _client = new(new BitswapEngine(EngineOptions.Default, 1), PeerOf(2), has: false);
    private readonly Side _server = new(new BitswapEngine(EngineOptions.Default, 2), PeerOf(1), has: true);
    private TimeSpan _now = TimeSpan.FromSeconds(1);

    /// <summary>Wants so many blocks on one side and sends them from the other.</summary>
    public static (EngineFigure Client, EngineFigure Server) Run(Cid[] cids)
    {
        var bench = new EngineBench();
        bench._client.Engine.PeerConnected(bench._client.Other, BitswapVersion.V120, bench._now);
        bench._server.Engine.PeerConnected(bench._server.Other, BitswapVersion.V120, bench._now);
        bench._client.Measure(engine =>
        {
            for (int i = 0; i < cids.Length; i++)
            {
                engine.Want(new WantRequest { Id = i, Cid = cids[i], SessionId = 1 }, bench._now);
            }
        });
        while (bench.Turn(bench._client, bench._server) | bench.Turn(bench._server, bench._client))
        {
            bench._now += TimeSpan.FromMilliseconds(1);
        }

        if (bench._client.Received != cids.Length)
        {
            throw new InvalidOperationException($"{bench._client.Received} of {cids.Length} blocks came.");
        }

        return (bench._client.Figure(cids.Length), bench._server.Figure(cids.Length));
    }

    /// <summary>The CID of a number; that no such block exists is nothing to an engine.</summary>
    public static Cid CidOf(int number)
    {
        byte[] digest = new byte[32];
        BitConverter.TryWriteBytes(digest, number);
        return Cid.CreateV1(Multicodec.Raw, Multihash.FromDigest(MultihashCode.Sha256, digest));
    }

    private bool Turn(Side side, Side other)
    {
        bool any = false;
        while (side.Next() is { } action)
        {
            any = true;
            switch (action)
            {
                case SendMessage send:
                    side.Measure(engine => engine.MessageSent(send.Peer, send.MessageId, true, _now));
                    other.Measure(engine => engine.Receive(other.Other, send.Message, _now));
                    break;
                case CheckBlocks check:
                    int[] sizes = new int[check.Cids.Count];
                    Array.Fill(sizes, side.Has ? _data.Length : -1);
                    side.Measure(engine => engine.BlocksChecked(check.RequestId, sizes, _now));
                    break;
                case LoadBlocks load:
                    var blocks = new ReadOnlyMemory<byte>?[load.Cids.Count];
                    Array.Fill(blocks, side.Has ? _data : null);
                    side.Measure(engine => engine.BlocksLoaded(load.RequestId, blocks, _now));
                    break;
                case StoreBlock store:
                    side.Measure(engine => engine.BlockStored(store.RequestId, null, _now));
                    break;
                case BlockReceived block:
                    side.Received += block.WantIds.Count;
                    break;
            }
        }

        return any;
    }

    private static PeerId PeerOf(byte number)
    {
        byte[] key = new byte[36];
        new byte[] { 0x08, 0x01, 0x12, 0x20, number }.CopyTo(key, 0);
        return PeerId.FromPublicKey(key);
    }

    /// <summary>One engine and what was spent in it.</summary>
    private sealed class Side(BitswapEngine engine, PeerId other, bool has)
    {
        private long _ticks;
        private long _bytes;

        public BitswapEngine Engine => engine;

        public PeerId Other => other;

        public bool Has => has;

        public int Received { get; set; }

        public void Measure(Action<BitswapEngine> call)
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            long from = Stopwatch.GetTimestamp();
            call(engine);
            _ticks += Stopwatch.GetTimestamp() - from;
            _bytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
        }

        public EngineAction? Next()
        {
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            long from = Stopwatch.GetTimestamp();
            bool any = engine.TryDequeue(out EngineAction? action);
            _ticks += Stopwatch.GetTimestamp() - from;
            _bytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
            return any ? action : null;
        }

        public EngineFigure Figure(int blocks) => new(blocks * (double)Stopwatch.Frequency / _ticks, (double)_bytes / blocks);
    }
}

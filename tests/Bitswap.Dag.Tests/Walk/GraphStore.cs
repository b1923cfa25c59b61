using System.Collections.Concurrent;
using Bitswap.Dag.DagPb;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Tests.Walk;

/// <summary>Blocks in memory that remember who asked for what, and may wait to be let go.</summary>
internal sealed class GraphStore
{
    private readonly ConcurrentDictionary<Cid, byte[]> _blocks = [];

    public ConcurrentQueue<Cid> Asked { get; } = [];

    public ConcurrentDictionary<Cid, TaskCompletionSource> Gates { get; } = [];

    public Cid Raw(params byte[] data) => Add(Multicodec.Raw, data);

    public Cid Node(params (string Name, Cid Cid)[] links) =>
        Add(Multicodec.DagPb, new DagPbNode([.. links.Select(link => new DagPbLink(link.Cid, link.Name, 0))], null).ToByteArray());

    public Cid Add(ulong codec, byte[] data)
    {
        Cid cid = Cid.Compute(codec, data);
        _blocks[cid] = data;
        return cid;
    }

    public void Remove(Cid cid) => Assert.True(_blocks.TryRemove(cid, out _));

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(Cid cid, CancellationToken cancellationToken)
    {
        Asked.Enqueue(cid);
        if (Gates.TryGetValue(cid, out TaskCompletionSource? gate))
        {
            await gate.Task.WaitAsync(cancellationToken);
        }

        return _blocks.TryGetValue(cid, out byte[]? data) ? data : throw new KeyNotFoundException($"no {cid}");
    }
}

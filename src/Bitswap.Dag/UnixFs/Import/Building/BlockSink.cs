using System.Buffers;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Multiformats;

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>Hashes blocks and hands them on; without a writer it only hashes. Its members may be called from several tasks at once.</summary>
internal sealed class BlockSink(UnixFsProfile profile, BlockWriter? writer)
{
    private long _blocks;

    public long Blocks => Interlocked.Read(ref _blocks);

    public async ValueTask<Cid> AddAsync(bool raw, ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Multihash hash = Multihash.Compute(profile.HashCode, block.Span);
        Cid cid = raw ? Cid.CreateV1(Multicodec.Raw, hash)
            : profile.CidVersion == 0 ? Cid.CreateV0(hash)
            : Cid.CreateV1(Multicodec.DagPb, hash);
        if (BlockRule.Check(cid, block.Length) is { } refusal)
        {
            throw refusal.ToException(cid);
        }

        if (writer is not null)
        {
            await writer(cid, block, cancellationToken).ConfigureAwait(false);
        }

        Interlocked.Increment(ref _blocks);
        return cid;
    }

    /// <summary>Adds a node; the total size is its own and that of its links.</summary>
    public async ValueTask<DagEntry> AddNodeAsync(DagPbNode node, ulong fileSize, CancellationToken cancellationToken)
    {
        int length = node.EncodedLength;
        ulong totalSize = (ulong)length;
        foreach (DagPbLink link in node.Links)
        {
            totalSize += link.Tsize;
        }

        byte[] block = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            node.Encode(block);
            Cid cid = await AddAsync(raw: false, block.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
            return new DagEntry(cid, fileSize, totalSize);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}

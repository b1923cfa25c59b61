using Bitswap.Errors;
using Bitswap.Pipeline;

namespace Bitswap.Blocks;

/// <summary>Hashes and stores blocks beside the pipeline, and writes them in the order they were given.</summary>
internal sealed class BlockAdder(IPipelineSink sink, TimeProvider clock, CancellationToken stopping) : IDisposable
{
    /// <summary>How many blocks are hashed and stored at once: bounds memory to this many blocks.</summary>
    public const int Parallelism = 16;
    private readonly WorkPump _pump = new(sink, Parallelism, ordered: true, stopping);
    private readonly ProgressMeter _progress = new(sink, "Adding blocks", clock);

    /// <summary>Starts to add one block.</summary>
    /// <param name="node">Where.</param>
    /// <param name="data">What.</param>
    /// <param name="format">How its CID is made when it is not given.</param>
    /// <param name="expected">The CID it must have, or null.</param>
    public void Add(BitswapNode node, BlockData data, CidFormat format, Cid? expected)
    {
        _progress.Total++;
        _pump.Start(cancellation => Task.Run(() => AddAsync(node, data, format, expected, cancellation), cancellation));
    }

    /// <summary>Writes everything that is under way.</summary>
    public void Complete() => _pump.Complete();

    /// <inheritdoc/>
    public void Dispose()
    {
        _pump.Dispose();
        _progress.Dispose();
    }

    private async Task<Action<IPipelineSink>> AddAsync(
        BitswapNode node, BlockData data, CidFormat format, Cid? expected, CancellationToken cancellationToken)
    {
        try
        {
            Cid cid = expected ?? format.Compute(data.Data.Span);
            if (expected is not null && !expected.Hash.Matches(data.Data.Span))
            {
                throw new FaultException(Faults.InvalidBlock(data.Target, expected, SameKind(expected, data.Data.Span)));
            }

            // the store keeps what it is given, and the user's array stays the user's
            ReadOnlyMemory<byte> own = data.IsOurs ? data.Data : data.Data.ToArray();
            await node.Host.PutBlockAsync(cid, own, cancellationToken).ConfigureAwait(false);
            node.Host.NoteRoot(cid);
            BitswapBlock block = new(cid, own.Length, null, null, node);
            string? note = CodecNote.Of(cid, own);
            return output =>
            {
                _progress.Add(block.Size);
                if (note is not null)
                {
                    output.WriteWarning(note);
                }

                output.WriteObject(block);
            };
        }
        catch (Exception exception) when (FaultMap.TryMap(exception, data.Target, out Fault? fault))
        {
            return output => output.WriteFault(fault);
        }
    }

    private static Cid SameKind(Cid expected, ReadOnlySpan<byte> data)
    {
        Multihash hash = Multihash.Compute(expected.Hash.Code, data, expected.Hash.Digest.Length);
        return expected.Version == 0 ? Cid.CreateV0(hash) : Cid.CreateV1(expected.Codec, hash);
    }
}

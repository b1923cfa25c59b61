using System.Runtime.CompilerServices;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.Walk;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Multiformats;
using Bitswap.Node.Repositories;

namespace Bitswap.Node.Providing;

/// <summary>Lists the blocks that a node provides. Blocks that follow from their CIDs are left out: no peer needs to be asked for them.</summary>
/// <param name="strategy">Which blocks.</param>
/// <param name="store">The store.</param>
/// <param name="pins">The pins.</param>
/// <param name="roots">What was added or imported since the node was started.</param>
/// <param name="reader">Reads stored blocks.</param>
/// <param name="max">How many blocks at most.</param>
internal sealed class ProvidedBlocks(ProvideStrategy strategy, IBlockstore store, PinSet pins, RootSet roots, BlockReader reader, int max)
{
    /// <summary>Gets which blocks.</summary>
    public ProvideStrategy Strategy => strategy;

    /// <summary>Gets how many at most.</summary>
    public int Max => max;

    /// <summary>Lists them all, sorted.</summary>
    /// <exception cref="BitswapException">StoreFailed; NodeStopped.</exception>
    public Task<ProvideKeys> ListAsync(CancellationToken cancellationToken) => SortAsync(EachAsync(cancellationToken));

    /// <summary>Lists the blocks of one pin that are stored, sorted.</summary>
    /// <exception cref="BitswapException">NodeStopped.</exception>
    public Task<ProvideKeys> ListPinAsync(Pin pin, CancellationToken cancellationToken) => SortAsync(PinnedAsync([pin], cancellationToken));

    /// <summary>Returns them all, in the order in which they are found; some may come twice.</summary>
    /// <exception cref="BitswapException">StoreFailed; NodeStopped.</exception>
    public IAsyncEnumerable<Cid> EachAsync(CancellationToken cancellationToken) => strategy switch
    {
        ProvideStrategy.Roots => RootsAsync(cancellationToken),
        ProvideStrategy.Pinned => PinnedAsync(pins.List(), cancellationToken),
        ProvideStrategy.All => store.ListAsync(cancellationToken).Select(block => block.Cid),
        _ => AsyncEnumerable.Empty<Cid>(),
    };

    /// <summary>Returns the blocks sorted that some hashes name.</summary>
    public static ProvideKeys Of(IReadOnlyCollection<Multihash> hashes)
    {
        ProvideKeys keys = new(Math.Max(hashes.Count, 1));
        foreach (Multihash hash in hashes)
        {
            Add(keys, hash);
        }

        keys.Sort();
        return keys;
    }

    private static void Add(ProvideKeys keys, in Multihash hash)
    {
        if (!KnownBlock.Is(hash))
        {
            keys.Add(hash.Bytes);
        }
    }

    private async Task<ProvideKeys> SortAsync(IAsyncEnumerable<Cid> blocks)
    {
        ProvideKeys keys = new(max);
        await foreach (Cid cid in blocks.ConfigureAwait(false))
        {
            Add(keys, cid.Hash);

            // a walk keeps what it came to, so that it goes no further either
            if (strategy == ProvideStrategy.Pinned && keys.LeftOut > 0)
            {
                break;
            }
        }

        keys.Sort();
        return keys;
    }

    private async IAsyncEnumerable<Cid> RootsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (Pin pin in pins.List())
        {
            yield return pin.Cid;
        }

        // what was added may have been removed since
        foreach (Cid root in roots.List())
        {
            if (await store.GetSizeAsync(root, cancellationToken).ConfigureAwait(false) is not null)
            {
                yield return root;
            }
        }
    }

    private async IAsyncEnumerable<Cid> PinnedAsync(IReadOnlyList<Pin> listed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (Pin pin in listed.Where(pin => !pin.Recursive))
        {
            yield return pin.Cid;
        }

        Cid[] recursive = [.. listed.Where(pin => pin.Recursive).Select(pin => pin.Cid)];
        DagWalker walker = new(reader, new DagWalkOptions { LeafSize = (cid, _, token) => store.GetSizeAsync(cid, token), MaxDepth = 1 << 20, MaxBlocks = int.MaxValue });
        await foreach (DagWalkItem item in walker.WalkAsync(recursive, cancellationToken).ConfigureAwait(false))
        {
            // a gap is the pin's matter: what is here is provided
            if (item.State == DagWalkState.Present)
            {
                yield return item.Cid;
            }
            else if (item.Error is BitswapException { ErrorId: NodeErrorIds.NodeStopped } stopped)
            {
                throw stopped;
            }
        }
    }
}

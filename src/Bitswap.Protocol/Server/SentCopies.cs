using System.Runtime.InteropServices;

namespace Bitswap.Protocol.Server;

/// <summary>
/// Counts to how many peers each block was sent while several take blocks. What fewer have is sent first, so that peers that fetch the same get different blocks, and can give them to
/// each other (as the "super-seeding" of BitTorrent, BEP 16).
/// </summary>
internal sealed class SentCopies
{
    /// <summary>From so many on, one more makes no difference: a peer's task changes its place at most so often.</summary>
    public const int Enough = 3;

    /// <summary>How many blocks are counted at once. Past that, all begin at zero again, which changes their order alone.</summary>
    public const int MaxBlocks = 1 << 16;

    private readonly Dictionary<Multihash, byte> _copies = [];

    public int Count => _copies.Count;

    /// <summary>Returns how many peers a block was sent to, at most <see cref="Enough"/>.</summary>
    public int Of(in Multihash hash) => _copies.Count == 0 ? 0 : _copies.GetValueOrDefault(hash);

    /// <summary>Counts that a block goes to one more peer.</summary>
    public void Add(in Multihash hash)
    {
        if (_copies.Count >= MaxBlocks)
        {
            Clear();
        }

        ref byte copies = ref CollectionsMarshal.GetValueRefOrAddDefault(_copies, hash, out _);
        if (copies < Enough)
        {
            copies++;
        }
    }

    /// <summary>Forgets all: no more than one peer takes blocks, so that nothing is to be spread.</summary>
    public void Clear() => _copies.Clear();
}

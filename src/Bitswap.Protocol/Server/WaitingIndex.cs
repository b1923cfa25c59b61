using System.Runtime.InteropServices;

namespace Bitswap.Protocol.Server;

/// <summary>Keeps which wants wait for a block that is not here as far as is known, by its multihash: a want names a CID, the store keeps multihashes.</summary>
internal sealed class WaitingIndex
{
    private readonly Dictionary<Multihash, PeerTask> _first = [];

    public int Count => _first.Count;

    public void Add(PeerTask want)
    {
        if (want.IsIndexed)
        {
            return;
        }

        want.IsIndexed = true;
        ref PeerTask? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, want.Cid.Hash, out _);
        want.NextSame = first;
        if (first is not null)
        {
            first.PreviousSame = want;
        }

        first = want;
    }

    public void Remove(PeerTask want)
    {
        if (!want.IsIndexed)
        {
            return;
        }

        want.IsIndexed = false;
        if (want.NextSame is not null)
        {
            want.NextSame.PreviousSame = want.PreviousSame;
        }

        if (want.PreviousSame is not null)
        {
            want.PreviousSame.NextSame = want.NextSame;
        }
        else if (want.NextSame is not null)
        {
            _first[want.Cid.Hash] = want.NextSame;
        }
        else
        {
            _first.Remove(want.Cid.Hash);
        }

        want.PreviousSame = want.NextSame = null;
    }

    public PeerTask? First(in Multihash hash) => _first.GetValueOrDefault(hash);
}

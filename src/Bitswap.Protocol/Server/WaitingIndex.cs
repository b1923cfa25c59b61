using System.Runtime.InteropServices;

namespace Bitswap.Protocol.Server;

/// <summary>Which wants wait for a block that is not here as far as is known, by its multihash: a want names a CID, the store keeps multihashes.</summary>
internal sealed class WaitingIndex
{
    private readonly Dictionary<Multihash, ServedWant> _first = [];

    public int Count => _first.Count;

    public void Add(ServedWant want)
    {
        if (want.IsIndexed)
        {
            return;
        }

        want.IsIndexed = true;
        ref ServedWant? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, want.Cid.Hash, out _);
        want.NextSame = first;
        if (first is not null)
        {
            first.PreviousSame = want;
        }

        first = want;
    }

    public void Remove(ServedWant want)
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

    public ServedWant? First(in Multihash hash) => _first.GetValueOrDefault(hash);
}

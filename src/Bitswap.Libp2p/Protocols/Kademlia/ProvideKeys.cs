using System.Runtime.InteropServices;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Represents what a host provides, in the order of the places of the keys in the DHT. It takes 48 bytes of memory for each SHA-256, the hash of nearly all blocks, up to 80 while it is
/// filled and sorted, and about 100 more for a multihash of another kind; and no more keys than it is told.
/// </summary>
/// <remarks>Keys are added first, and read once they are sorted. It is not safe for several threads while it is filled.</remarks>
public sealed class ProvideKeys
{
    // sha2-256, 32 bytes (github.com/multiformats/multicodec, table.csv)
    private const byte Sha256Code = 0x12;
    private const int DigestLength = 32;
    private const int Sha256Length = DigestLength + 2;
    private const int DigestsPerPart = 4096;

    private readonly int _max;

    // digests, in the order in which they came: parts, so that a full list is not copied to grow
    private readonly List<byte[]> _digests = [];
    private readonly List<byte[]> _others = [];
    private int _digestCount;
    private bool _isCompact;

    // the first bits of each key's place, and where it is: a digest, or, as its complement, one of the others
    private List<(ulong Place, int At)> _order = [];

    /// <summary>Begins without keys.</summary>
    /// <param name="max">How many keys there may be; 1 or more.</param>
    public ProvideKeys(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        _max = max;
    }

    /// <summary>Gets how many there are.</summary>
    public int Count => _order.Count;

    /// <summary>Gets how many found no room. Those that are there twice may be among them.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Returns the first 64 bits of the place of a key in the DHT.</summary>
    /// <param name="multihash">A multihash in binary.</param>
    public static ulong PlaceOf(ReadOnlySpan<byte> multihash) => KademliaKey.Of(multihash).First;

    /// <summary>Adds a key, where there is room, and it is no longer than peers take.</summary>
    /// <param name="multihash">A multihash in binary.</param>
    public void Add(ReadOnlySpan<byte> multihash)
    {
        if (multihash.Length > KademliaClient.MaxKeyLength)
        {
            return;
        }
        if (_order.Count >= _max && !_isCompact)
        {
            // some may be there twice; it is looked at once, or else each key beyond the bound would cost a sort
            Sort();
            _isCompact = true;
        }
        if (_order.Count >= _max)
        {
            LeftOut++;
            return;
        }
        _order.Add((PlaceOf(multihash), Keep(multihash)));
    }

    /// <summary>Sorts the keys, and leaves out what is there twice.</summary>
    public void Sort()
    {
        _order.Sort();
        List<(ulong Place, int At)> once = new(_order.Count);
        foreach ((ulong place, int at) in _order)
        {
            if (!IsAmongLast(once, place, at))
            {
                once.Add((place, at));
            }
        }
        _order = once;
    }

    /// <summary>Returns a key, a multihash in binary.</summary>
    /// <param name="index">Its number in the order of places.</param>
    public byte[] KeyAt(int index)
    {
        int at = _order[index].At;
        if (at < 0)
        {
            return _others[~at];
        }
        byte[] key = new byte[Sha256Length];
        key[0] = Sha256Code;
        key[1] = DigestLength;
        DigestAt(at).CopyTo(key.AsSpan(2));
        return key;
    }

    /// <summary>Returns the first bits of a key's place.</summary>
    /// <param name="index">Its number in the order of places.</param>
    public ulong PlaceAt(int index) => _order[index].Place;

    /// <summary>Returns the number of the first key at a place or behind it; <see cref="Count"/> where there is none.</summary>
    internal int FirstAt(ulong place)
    {
        ReadOnlySpan<(ulong Place, int At)> order = CollectionsMarshal.AsSpan(_order);
        int low = 0;
        int high = order.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (order[middle].Place < place)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }

    /// <summary>Returns the number of the first key behind a place.</summary>
    internal int FirstAfter(ulong place) => place == ulong.MaxValue ? Count : FirstAt(place + 1);

    // different keys hardly ever have the same 64 bits of place, so that one or two are looked at
    private bool IsAmongLast(List<(ulong Place, int At)> once, ulong place, int at)
    {
        for (int i = once.Count - 1; i >= 0 && once[i].Place == place; i--)
        {
            int other = once[i].At;
            bool isSame = at < 0 == other < 0 && (at < 0 ? _others[~at].AsSpan().SequenceEqual(_others[~other]) : DigestAt(at).SequenceEqual(DigestAt(other)));
            if (isSame)
            {
                return true;
            }
        }
        return false;
    }

    private int Keep(ReadOnlySpan<byte> multihash)
    {
        if (multihash is not [Sha256Code, DigestLength, ..] || multihash.Length != Sha256Length)
        {
            _others.Add(multihash.ToArray());
            return ~(_others.Count - 1);
        }
        if (_digestCount == _digests.Count * DigestsPerPart)
        {
            _digests.Add(new byte[DigestsPerPart * DigestLength]);
        }
        multihash[2..].CopyTo(DigestAt(_digestCount));
        return _digestCount++;
    }

    private Span<byte> DigestAt(int at) => _digests[at / DigestsPerPart].AsSpan(at % DigestsPerPart * DigestLength, DigestLength);
}

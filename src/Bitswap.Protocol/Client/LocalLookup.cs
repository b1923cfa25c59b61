using Bitswap.Protocol.Actions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Asks the store before anybody else. A few wants are loaded straight away; many are checked first, so that a batch of hits is not read into
/// memory all at once.
/// </summary>
internal sealed class LocalLookup(ClientSide client)
{
    private const int LoadedUnchecked = 8;
    private const int BytesPerLoad = 4 * 1024 * 1024;
    private const int MaxLoaded = 256;

    // The more important ones first: a want is placed as soon as it was missed.
    private readonly PriorityQueue<ClientWant, QueueKey> _new = new();
    private readonly Queue<(ClientWant Want, int Size)> _hits = new();
    private int _open;

    /// <summary>Wants that the store is yet to be asked about; ended ones may be among them.</summary>
    public int QueuedCount => _new.Count + _hits.Count;

    public void Add(ClientWant want) => _new.Enqueue(want, new QueueKey(0, want.Priority, want.Sequence));

    /// <summary>The store has the block now.</summary>
    public void Found(ClientWant want, int size)
    {
        want.State = WantState.Looking;
        want.StoreMissed = false;
        client.Ending.SatisfyHaves(want, null, TimeSpan.Zero);
        if (want.State != WantState.Looking)
        {
            return;
        }

        if (want.TakesFromStore())
        {
            _hits.Enqueue((want, size));
        }
        else
        {
            client.Placement.MakeFresh(want);
        }
    }

    public void Flush()
    {
        int most = client.Context.Options.MaxStoreRequests;
        while (_open < most && _hits.Count > 0)
        {
            LoadHits();
        }

        while (_open < most && _new.Count > 0)
        {
            if (_new.Count <= LoadedUnchecked)
            {
                LoadNew();
            }
            else
            {
                Check();
            }
        }
    }

    private void LoadHits()
    {
        var wants = new List<ClientWant>();
        long bytes = 0;
        while (wants.Count < MaxLoaded && _hits.TryPeek(out (ClientWant Want, int Size) hit) && (wants.Count == 0 || bytes + hit.Size <= BytesPerLoad))
        {
            _hits.Dequeue();
            if (hit.Want.State == WantState.Looking)
            {
                wants.Add(hit.Want);
                bytes += hit.Size;
            }
        }

        if (wants.Count > 0)
        {
            Load(wants);
        }
    }

    private void LoadNew()
    {
        var toLoad = new List<ClientWant>();
        var toCheck = new List<ClientWant>();
        while (_new.TryDequeue(out ClientWant? want, out _))
        {
            if (want.State == WantState.Looking)
            {
                (want.WantsBlock ? toLoad : toCheck).Add(want);
            }
        }

        if (toLoad.Count > 0)
        {
            Load(toLoad);
        }

        if (toCheck.Count > 0 && _open < client.Context.Options.MaxStoreRequests)
        {
            Check(toCheck);
        }
        else
        {
            toCheck.ForEach(Add);
        }
    }

    private void Check()
    {
        var wants = new List<ClientWant>();
        while (wants.Count < client.Context.Options.MaxCheckedCids && _new.TryDequeue(out ClientWant? want, out _))
        {
            if (want.State == WantState.Looking)
            {
                wants.Add(want);
            }
        }

        if (wants.Count > 0)
        {
            Check(wants);
        }
    }

    private void Check(List<ClientWant> wants)
    {
        _open++;
        long id = client.Context.Open(new LookupRequest(this, wants));
        client.Context.Actions.Enqueue(new CheckBlocks(id, CidsOf(wants)));
    }

    private void Load(List<ClientWant> wants)
    {
        _open++;
        long id = client.Context.Open(new LookupRequest(this, wants));
        client.Context.Actions.Enqueue(new LoadBlocks(id, CidsOf(wants)));
    }

    private static Cid[] CidsOf(List<ClientWant> wants)
    {
        var cids = new Cid[wants.Count];
        for (int i = 0; i < cids.Length; i++)
        {
            cids[i] = wants[i].Cid;
        }

        return cids;
    }

    private sealed class LookupRequest(LocalLookup lookup, List<ClientWant> wants) : StoreRequest
    {
        public override int Count => wants.Count;

        public override void Checked(IReadOnlyList<int> sizes)
        {
            lookup._open--;
            for (int i = 0; i < wants.Count; i++)
            {
                if (wants[i].State != WantState.Looking)
                {
                    continue;
                }

                if (sizes[i] >= 0)
                {
                    lookup.Found(wants[i], sizes[i]);
                }
                else
                {
                    lookup.Missed(wants[i]);
                }
            }
        }

        public override void Loaded(IReadOnlyList<ReadOnlyMemory<byte>?> data)
        {
            lookup._open--;
            for (int i = 0; i < wants.Count; i++)
            {
                if (wants[i].State != WantState.Looking)
                {
                    continue;
                }

                if (data[i] is { } bytes)
                {
                    lookup.Hit(wants[i], bytes);
                }
                else
                {
                    lookup.Missed(wants[i]);
                }
            }
        }
    }

    private void Hit(ClientWant want, ReadOnlyMemory<byte> data) => client.Ending.Satisfy(want, data, null);

    private void Missed(ClientWant want)
    {
        if (want.AddedSize >= 0)
        {
            // It came between the question and the answer.
            int size = want.AddedSize;
            want.AddedSize = -1;
            Found(want, size);
            return;
        }

        want.StoreMissed = true;
        client.Ending.EndLocalOnly(want);
        if (want.State == WantState.Looking)
        {
            client.Placement.MakeFresh(want);
        }
    }
}

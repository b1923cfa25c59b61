using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Asks the store before anybody else. A few wants are loaded straight away; many are checked first, so that a batch of hits is not read into
/// memory all at once.
/// </summary>
/// <param name="context">What the engine shares.</param>
/// <param name="loaded">Called with a want whose block was read.</param>
/// <param name="found">Called with a want whose block the store has, of so many bytes.</param>
/// <param name="missed">Called with a want whose block the store does not have.</param>
internal sealed class StoreLookup(EngineContext context, Action<ClientWant, ReadOnlyMemory<byte>> loaded, Action<ClientWant, int> found, Action<ClientWant> missed)
{
    private const int LoadedUnchecked = 8;
    private const int BytesPerLoad = 4 * 1024 * 1024;
    private const int MaxLoaded = 256;

    // The more important ones first: a want goes on as soon as it was missed.
    private readonly PriorityQueue<ClientWant, QueueKey> _new = new();
    private readonly Queue<(ClientWant Want, int Size)> _hits = new();
    private int _open;

    /// <summary>Gets how many wants the store is yet to be asked about; ended ones may be among them.</summary>
    public int QueuedCount => _new.Count + _hits.Count;

    /// <summary>Adds a want that the store is to be asked for.</summary>
    public void Add(ClientWant want) => _new.Enqueue(want, new QueueKey(0, want.Priority, want.Sequence));

    /// <summary>Adds a want whose block the store has: it is read.</summary>
    public void AddHit(ClientWant want, int size) => _hits.Enqueue((want, size));

    /// <summary>Asks the store as much as it may be asked at once.</summary>
    public void Flush()
    {
        int max = context.Options.MaxStoreRequests;
        while (_open < max && _hits.Count > 0)
        {
            LoadHits();
        }

        while (_open < max && _new.Count > 0)
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

        if (toCheck.Count > 0 && _open < context.Options.MaxStoreRequests)
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
        while (wants.Count < context.Options.MaxCheckedCids && _new.TryDequeue(out ClientWant? want, out _))
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
        long id = context.Open(new LookupRequest(this, wants));
        context.Actions.Enqueue(new CheckBlocks(id, CidsOf(wants)));
    }

    private void Load(List<ClientWant> wants)
    {
        _open++;
        long id = context.Open(new LookupRequest(this, wants));
        context.Actions.Enqueue(new LoadBlocks(id, CidsOf(wants)));
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

    private void Missed(ClientWant want)
    {
        if (want.TryTakeAdded(out int size))
        {
            // It came between the question and the answer.
            found(want, size);
            return;
        }

        missed(want);
    }

    private sealed class LookupRequest(StoreLookup lookup, List<ClientWant> wants) : StoreRequest
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
                    lookup.Loaded(wants[i], bytes);
                }
                else
                {
                    lookup.Missed(wants[i]);
                }
            }
        }
    }

    private void Loaded(ClientWant want, ReadOnlyMemory<byte> data) => loaded(want, data);

    private void Found(ClientWant want, int size) => found(want, size);
}

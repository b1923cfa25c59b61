using Bitswap.Protocol.Actions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Provider searches: so many at once, each with an end.</summary>
internal sealed class ProviderSearches(ClientSide client)
{
    private readonly Dictionary<long, ProviderSearch> _open = [];
    private readonly Queue<(ClientWant Want, bool ForPeers)> _waiting = new();

    private EngineContext Context => client.Context;

    public int OpenCount => _open.Count;

    public void Request(ClientWant want)
    {
        if (!want.Searching)
        {
            want.Searching = true;
            want.Searched = true;
            _waiting.Enqueue((want, Context.PeerList.Count == 0));
        }
    }

    public void Flush()
    {
        while (_open.Count < Context.Options.MaxProviderSearches && _waiting.TryDequeue(out (ClientWant Want, bool ForPeers) next))
        {
            ClientWant want = next.Want;
            if (next.ForPeers && Context.PeerList.Count > 0 && want.State != WantState.Parked)
            {
                // a search for another want has found peers meanwhile: they are asked first
                want.Searching = false;
                want.Searched = false;
                continue;
            }

            if (want.State is WantState.Ended or WantState.Storing)
            {
                want.Searching = false;
                continue;
            }

            long id = Context.NextId();
            var search = new ProviderSearch(id, want, this);
            _open.Add(id, search);
            Context.Timers.Schedule(search, Context.Now + Context.Options.ProviderSearchTimeout);
            Context.Counters.ProviderSearches++;
            Context.Actions.Enqueue(new FindProviders(id, want.Cid, [.. want.Interests.Select(interest => interest.Id)]));
        }
    }

    /// <summary>An answer to a search that is over by then is of no use and no harm.</summary>
    public void Found(long id, IReadOnlyList<PeerId> peers, bool finished)
    {
        if (!_open.TryGetValue(id, out ProviderSearch? search))
        {
            return;
        }

        ClientWant want = search.Want;
        foreach (Interest interest in want.Interests)
        {
            foreach (PeerId peer in peers)
            {
                if (interest.Session.Pruned.Remove(peer))
                {
                    interest.Session.PeersAsOf = -1;
                }
            }
        }

        if (!finished)
        {
            return;
        }

        _open.Remove(id);
        Context.Timers.Remove(search);
        want.Searching = false;
        if (want.State == WantState.Parked)
        {
            client.Placement.Unpark(want);
            client.Placement.Advance(want);
        }
        else if (want.State == WantState.Fresh)
        {
            client.Exhaustion.WithoutPeers(want);
        }
    }
}

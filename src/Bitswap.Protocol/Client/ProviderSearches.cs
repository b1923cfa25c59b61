using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Represents an open provider search. As a timer: the end of the time that the host has for it.</summary>
internal sealed class ProviderSearch(long id, ClientWant want) : EngineTimer
{
    public long Id => id;

    public ClientWant Want => want;
}

/// <summary>Keeps the provider searches: so many at once, each with an end.</summary>
internal sealed class ProviderSearches(EngineContext context, RequestTable requests, Timeouts timeouts)
{
    private readonly Dictionary<long, ProviderSearch> _open = [];
    private readonly Queue<(ClientWant Want, bool ForPeers)> _waiting = new();

    public int OpenCount => _open.Count;

    /// <summary>Queues a search, unless one is under way.</summary>
    public void Request(ClientWant want)
    {
        if (!want.Searching)
        {
            want.StartSearch();
            _waiting.Enqueue((want, requests.PeerCount == 0));
        }
    }

    /// <summary>Starts as many searches as may be open.</summary>
    public void Flush()
    {
        while (_open.Count < context.Options.MaxProviderSearches && _waiting.TryDequeue(out (ClientWant Want, bool ForPeers) next))
        {
            ClientWant want = next.Want;
            if (next.ForPeers && requests.PeerCount > 0 && want.State != WantState.Parked)
            {
                // A search for another want has found peers meanwhile: they are asked first.
                want.EndSearch();
                want.ForgetSearch();
                continue;
            }

            if (want.State is WantState.Ended or WantState.Storing)
            {
                want.EndSearch();
                continue;
            }

            long id = context.NextId();
            var search = new ProviderSearch(id, want);
            _open.Add(id, search);
            timeouts.ArmSearch(search);
            context.Counters.ProviderSearches++;
            context.Actions.Enqueue(new FindProviders(id, want.Cid, [.. want.Subscriptions.Select(subscription => subscription.Id)]));
        }
    }

    /// <summary>
    /// Takes an answer: providers get their chance back in the sessions that want it. Returns the want when the search is over by it. An answer to a search that was over before is of no
    /// use and no harm.
    /// </summary>
    public ClientWant? Answered(long id, IReadOnlyList<PeerId> peers, bool finished)
    {
        if (!_open.TryGetValue(id, out ProviderSearch? search))
        {
            return null;
        }

        foreach (WantSubscription subscription in search.Want.Subscriptions)
        {
            foreach (PeerId peer in peers)
            {
                subscription.Session.Unprune(peer);
            }
        }

        if (!finished)
        {
            return null;
        }

        _open.Remove(id);
        timeouts.Disarm(search);
        search.Want.EndSearch();
        return search.Want;
    }
}

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>
/// Represents the providers that one query found: each is given once, with addresses if they become known. Those without wait until a peer tells an
/// address, or until the query ends.
/// </summary>
internal sealed class ProviderSet(int max, PeerId self)
{
    private readonly HashSet<PeerId> _given = [];
    private readonly Dictionary<PeerId, KademliaPeer> _waiting = [];

    /// <summary>Gets whether no more are taken.</summary>
    public bool IsFull => _given.Count >= max;

    /// <summary>Takes in what a peer told.</summary>
    /// <param name="told">The providers it named.</param>
    /// <param name="find">What is known of a peer from elsewhere.</param>
    /// <returns>Those to give now.</returns>
    public IEnumerable<KademliaPeer> Take(IEnumerable<KademliaPeer> told, Func<PeerId, KademliaPeer?> find)
    {
        foreach (KademliaPeer provider in told)
        {
            if (provider.Id.Equals(self) || _given.Contains(provider.Id))
            {
                continue;
            }
            if (_waiting.ContainsKey(provider.Id) || _given.Count + _waiting.Count < max)
            {
                _waiting[provider.Id] = provider;
            }
        }
        foreach (KademliaPeer provider in _waiting.Values.ToArray())
        {
            KademliaPeer known = provider.Addresses.Count > 0 ? provider : find(provider.Id) ?? provider;
            if (known.Addresses.Count > 0)
            {
                _waiting.Remove(provider.Id);
                _given.Add(provider.Id);
                yield return known;
            }
        }
    }

    /// <summary>Returns those of whom no address became known.</summary>
    public IEnumerable<KademliaPeer> TakeRest() => _waiting.Values;
}

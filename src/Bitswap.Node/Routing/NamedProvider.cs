using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Routing;

/// <summary>A provider, and all that sources have said of it in one search. Thread-safe.</summary>
/// <param name="peer">The peer.</param>
/// <param name="maxAddresses">How many addresses are kept.</param>
internal sealed class NamedProvider(PeerId peer, int maxAddresses)
{
    private readonly Lock _lock = new();
    private readonly List<Multiaddr> _addresses = [];
    private readonly List<ProviderSourceKind> _sources = [];
    private readonly List<string> _protocols = [];
    private AddressScope _reach;
    private bool _hasRefused;
    private bool _isGateway;

    /// <summary>Gets the peer.</summary>
    public PeerId Peer => peer;

    /// <summary>Gets its addresses, in the order in which they came.</summary>
    public IReadOnlyList<Multiaddr> Addresses => Read(() => _addresses.ToArray());

    /// <summary>Gets the sources that have named it.</summary>
    public IReadOnlyList<ProviderSourceKind> Sources => Read(() => _sources.ToArray());

    /// <summary>Gets how it is said to give blocks.</summary>
    public IReadOnlyList<string> Protocols => Read(() => _protocols.ToArray());

    /// <summary>Gets how far the addresses of its sources reach; that of the farthest.</summary>
    public AddressScope Reach => Read(() => _reach);

    /// <summary>Gets whether it is a gateway.</summary>
    public bool IsGateway => Read(() => _isGateway);

    /// <summary>Gets why it is of no use to dial it; null where it is a gateway or may speak Bitswap.</summary>
    public ProviderObstacle? ProtocolObstacle => Read(() => _isGateway ? null : ProviderObstacle.OfProtocols(_protocols));

    /// <summary>Gets why it cannot be dialled; null where it can.</summary>
    public ProviderObstacle? AddressObstacle => Read(() => _isGateway ? null : ProviderObstacle.OfAddresses(_addresses, _hasRefused));

    /// <summary>Gets why it cannot be asked by Bitswap; null where it can.</summary>
    public ProviderObstacle? Obstacle => ProtocolObstacle ?? AddressObstacle;

    /// <summary>Takes what a source says.</summary>
    public void Add(FoundProvider found)
    {
        lock (_lock)
        {
            AddHoldingLock(found.Addresses, found.Reach, found.HasRefused);
            _isGateway |= found.IsGateway;
            _protocols.AddRange(found.Protocols.Except(_protocols, StringComparer.Ordinal));
            if (!_sources.Contains(found.Source))
            {
                _sources.Add(found.Source);
            }
        }
    }

    /// <summary>Takes what a lookup of the peer has found.</summary>
    /// <returns>Why it cannot be dialled all the same; null where it can.</returns>
    public ProviderObstacle? Add(PeerLookup lookup)
    {
        lock (_lock)
        {
            AddHoldingLock(lookup.Addresses, lookup.Reach, lookup.HasRefused);
            return ProviderObstacle.OfAddresses(_addresses, _hasRefused) is { } obstacle && lookup.Failure is { } failure
                ? obstacle with { Reason = $"{obstacle.Reason}; looking it up failed: {failure}" }
                : ProviderObstacle.OfAddresses(_addresses, _hasRefused);
        }
    }

    private void AddHoldingLock(IReadOnlyList<Multiaddr> addresses, AddressScope reach, bool hasRefused)
    {
        _addresses.AddRange(addresses.Except(_addresses).Take(maxAddresses - _addresses.Count));
        _reach = reach > _reach ? reach : _reach;
        _hasRefused |= hasRefused;
    }

    private T Read<T>(Func<T> read)
    {
        lock (_lock)
        {
            return read();
        }
    }
}

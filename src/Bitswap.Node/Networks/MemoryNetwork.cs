using Bitswap.Libp2p.Crypto;

namespace Bitswap.Node.Networks;

/// <summary>A network of nodes within one process, for tests: no socket, no key exchange, and faults on request, by seed.</summary>
public sealed class MemoryNetwork
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, MemoryPeer> _peers = [];
    private readonly Random _random;

    /// <param name="seed">The seed of every fault and of the peers' ids: the same seed, the same network.</param>
    /// <param name="options">How the lines behave; null is a perfect line.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public MemoryNetwork(int seed, MemoryNetworkOptions? options = null)
    {
        Options = options ?? new MemoryNetworkOptions();
        Options.Validate();
        _random = new Random(seed);
    }

    /// <summary>How the lines behave.</summary>
    public MemoryNetworkOptions Options { get; }

    /// <summary>A place on the network for one node. Its address is <c>/dns4/memory/tcp/N/p2p/ID</c>, which only this network can dial.</summary>
    public IPeerNetwork CreatePeer()
    {
        lock (_lock)
        {
            byte[] seed = new byte[32];
            _random.NextBytes(seed);
            PeerId id = PrivateKey.FromSeed(seed).PeerId;
            MemoryPeer peer = new(this, id, Multiaddr.Parse($"/dns4/memory/tcp/{_peers.Count + 1}/p2p/{id}"));
            _peers.Add(id, peer);
            return peer;
        }
    }

    /// <summary>Cuts the line between two peers, as a pulled cable does; they may connect again.</summary>
    public void Cut(PeerId left, PeerId right)
    {
        if (Find(left) is { } a && Find(right) is { } b)
        {
            lock (Events)
            {
                a.Dropped(a.Detach(b));
                b.Dropped(b.Detach(a));
            }
        }
    }

    internal MemoryPeer? Find(PeerId peer)
    {
        lock (_lock)
        {
            return _peers.GetValueOrDefault(peer);
        }
    }

    internal void Remove(PeerId peer)
    {
        lock (_lock)
        {
            _peers.Remove(peer);
        }
    }

    /// <summary>Held while a line comes or goes and both ends are told, so that each end hears of lines in their order.</summary>
    internal Lock Events { get; } = new();

    /// <summary>Whether something of this chance happens now.</summary>
    internal bool Happens(double chance)
    {
        if (chance <= 0)
        {
            return false;
        }

        lock (_lock)
        {
            return _random.NextDouble() < chance;
        }
    }

    /// <summary>A number below <paramref name="limit"/>.</summary>
    internal int Pick(int limit)
    {
        lock (_lock)
        {
            return _random.Next(limit);
        }
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;

namespace Bitswap.Node.Networks.Memory;

/// <summary>
/// A network of nodes within one process, for tests: no socket, no key exchange, and faults on request, by seed. All of it can be changed while
/// nodes run. Thread-safe.
/// </summary>
/// <remarks>
/// A seed gives the peers' ids, in the order they are made, and of each direction between two peers what befalls its first write, its second and so
/// on. What the nodes write, and when, is theirs.
/// </remarks>
public sealed class MemoryNetwork
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, MemoryPeer> _peers = [];
    private readonly Dictionary<(PeerId From, PeerId To), MemoryLine> _lines = [];
    private readonly Dictionary<PeerId, int> _groups = [];
    private readonly Dictionary<PeerId, int> _floods = [];
    private readonly HashSet<PeerId> _silent = [];
    private readonly Random _random;
    private readonly int _seed;
    private MemoryLineOptions _line;
    private MemoryNetworkStat _stat;
    private int _lastNumber;
    private int _lastGroup;

    /// <param name="seed">The seed of every fault and of the peers' ids: the same seed, the same network.</param>
    /// <param name="options">How it is made; null is perfect lines.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public MemoryNetwork(int seed, MemoryNetworkOptions? options = null)
    {
        Options = options ?? new MemoryNetworkOptions();
        Options.Validate();
        _line = Options.Line;
        _seed = seed;
        _random = new Random(seed);
    }

    /// <summary>Gets the options that it was made with.</summary>
    public MemoryNetworkOptions Options { get; }

    /// <summary>Gets how the lines behave that have no behaviour of their own. What is on its way arrives as it set out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public MemoryLineOptions Line
    {
        get => Volatile.Read(ref _line);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            value.EnsureValid();
            Volatile.Write(ref _line, value);
        }
    }

    /// <summary>Gets the counters of what was carried so far.</summary>
    public MemoryNetworkStat Stat
    {
        get
        {
            lock (_lock)
            {
                return _stat;
            }
        }
    }

    /// <summary>Returns a place on the network for one node. Its address is <c>/dns4/memory/tcp/N/p2p/ID</c>, which only this network can dial.</summary>
    /// <param name="identity">The node's identity; null makes one of the seed.</param>
    /// <exception cref="BitswapException"><c>PeerIdInUse</c>, or <c>LimitExceeded</c> when there are as many peers as may be.</exception>
    public IPeerNetwork CreatePeer(PrivateKey? identity = null)
    {
        lock (_lock)
        {
            if (_peers.Count >= Options.MaxPeers)
            {
                throw new BitswapException(NodeErrorIds.LimitExceeded, $"There are {_peers.Count} peers on the network, as many as may be.", "Stop some of its nodes first.");
            }

            byte[] seed = new byte[32];
            _random.NextBytes(seed);
            PeerId id = (identity ?? PrivateKey.FromSeed(seed)).PeerId;
            MemoryPeer peer = new(this, id, Multiaddr.Parse($"/dns4/memory/tcp/{++_lastNumber}/p2p/{id}"));
            return _peers.TryAdd(id, peer)
                ? peer
                : throw new BitswapException(NodeErrorIds.PeerIdInUse, $"Another node on the network is {id}.", "Give each node an identity of its own.", id);
        }
    }

    /// <summary>Sets how the line between two peers behaves, both ways; null sets it back to <see cref="Line"/>.</summary>
    /// <exception cref="BitswapException"><c>NotOnNetwork</c>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    public void SetLine(PeerId left, PeerId right, MemoryLineOptions? options)
    {
        options?.EnsureValid();
        EnsureHere([left, right]);
        LineOf(left, right).Own = options;
        LineOf(right, left).Own = options;
    }

    /// <summary>A silent peer accepts everything and says nothing: what is written to it arrives, and what it writes does not.</summary>
    /// <exception cref="BitswapException"><c>NotOnNetwork</c>.</exception>
    public void SetSilent(PeerId peer, bool silent)
    {
        EnsureHere([peer]);
        lock (_lock)
        {
            _ = silent ? _silent.Add(peer) : _silent.Remove(peer);
        }
    }

    /// <summary>Lets all that a peer writes arrive so many times: 1, which is no flood, to 1000.</summary>
    /// <exception cref="BitswapException"><c>NotOnNetwork</c>.</exception>
    public void SetFlood(PeerId peer, int times)
    {
        EnsureHere([peer]);
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(times, 1000);
        lock (_lock)
        {
            _floods[peer] = times;
        }
    }

    /// <summary>Parts these peers from all others. Among themselves they reach each other; lines to others break, and dials fail.</summary>
    /// <exception cref="BitswapException"><c>NotOnNetwork</c>.</exception>
    public void Partition(IEnumerable<PeerId> group)
    {
        HashSet<PeerId> inside = [.. group];
        EnsureHere(inside);
        lock (Events)
        {
            PeerId[] outside;
            lock (_lock)
            {
                _lastGroup++;
                foreach (PeerId peer in inside)
                {
                    _groups[peer] = _lastGroup;
                }

                outside = [.. _peers.Keys.Where(peer => !inside.Contains(peer))];
            }

            foreach (PeerId here in inside)
            {
                foreach (PeerId there in outside)
                {
                    Cut(here, there);
                }
            }
        }
    }

    /// <summary>Ends all partitions: everyone can dial everyone again. No peers are connected by that alone.</summary>
    public void Heal()
    {
        lock (_lock)
        {
            _groups.Clear();
        }
    }

    /// <summary>Cuts the line between two peers, as a pulled cable does; they may connect again.</summary>
    public void Cut(PeerId left, PeerId right)
    {
        ConnectionEnd cut = new(ByUs: false, "The line was cut.");
        End(left, right, cut, cut);
    }

    /// <summary>Held while a line comes or goes and both ends are told, so that each end hears of lines in their order.</summary>
    internal Lock Events { get; } = new();

    /// <summary>One of two peers closes the line between them.</summary>
    internal void HangUp(PeerId peer, PeerId other, string reason) =>
        End(peer, other, new ConnectionEnd(ByUs: true, reason), new ConnectionEnd(ByUs: false, "The peer closed the connection."));

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
            _silent.Remove(peer);
            _floods.Remove(peer);
            _groups.Remove(peer);
            foreach ((PeerId From, PeerId To) ends in _lines.Keys.Where(ends => ends.From.Equals(peer) || ends.To.Equals(peer)).ToArray())
            {
                _lines.Remove(ends);
            }
        }
    }

    /// <summary>One direction between two peers.</summary>
    internal MemoryLine LineOf(PeerId from, PeerId to)
    {
        lock (_lock)
        {
            if (!_lines.TryGetValue((from, to), out MemoryLine? line))
            {
                line = new MemoryLine(this, from, SeedOf(from, to));
                _lines.Add((from, to), line);
            }

            return line;
        }
    }

    /// <summary>Returns whether no partition is between two peers.</summary>
    internal bool CanReach(PeerId left, PeerId right)
    {
        lock (_lock)
        {
            return _groups.GetValueOrDefault(left) == _groups.GetValueOrDefault(right);
        }
    }

    internal bool IsSilent(PeerId peer)
    {
        lock (_lock)
        {
            return _silent.Contains(peer);
        }
    }

    internal int FloodOf(PeerId peer)
    {
        lock (_lock)
        {
            return _floods.GetValueOrDefault(peer, 1);
        }
    }

    internal void Count(long writes = 0, long bytes = 0, long lost = 0, long corrupted = 0, long silenced = 0, long repeated = 0)
    {
        lock (_lock)
        {
            _stat = new MemoryNetworkStat(
                _stat.Writes + writes, _stat.Bytes + bytes, _stat.Lost + lost, _stat.Corrupted + corrupted, _stat.Silenced + silenced, _stat.Repeated + repeated);
        }
    }

    private void End(PeerId left, PeerId right, ConnectionEnd forLeft, ConnectionEnd forRight)
    {
        if (Find(left) is { } a && Find(right) is { } b)
        {
            lock (Events)
            {
                a.Dropped(a.Detach(b), forLeft);
                b.Dropped(b.Detach(a), forRight);
            }
        }
    }

    private void EnsureHere(IEnumerable<PeerId> peers)
    {
        foreach (PeerId peer in peers)
        {
            if (Find(peer) is null)
            {
                throw new BitswapException(NodeErrorIds.NotOnNetwork, $"{peer} is not on this network.", "Start the node with Start-BitswapNode -Network, and change its lines while it runs.", peer);
            }
        }
    }

    // Not HashCode, which differs from process to process.
    private int SeedOf(PeerId from, PeerId to)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> seed = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(seed, _seed);
        hash.AppendData(seed);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{from} {to}"));
        return BinaryPrimitives.ReadInt32LittleEndian(hash.GetHashAndReset());
    }
}

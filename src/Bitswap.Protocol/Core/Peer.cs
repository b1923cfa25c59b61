using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Core;

/// <summary>Represents a connected peer as both halves of the engine know it. Nothing of it outlives the connection but the ledger.</summary>
internal sealed class Peer(PeerId id, BitswapVersion version, Ledger ledger)
{
    public PeerId Id => id;

    public BitswapVersion Version { get; set; } = version;

    /// <summary>Gets whether the peer knows WANT_HAVE, HAVE and DONT_HAVE, which exist since 1.2.0.</summary>
    public bool KnowsPresence => Version >= BitswapVersion.V120;

    public Ledger Ledger => ledger;

    /// <summary>Gets whether the host was told to close the connection.</summary>
    public bool IsDropped { get; private set; }

    public bool IsConnected { get; private set; } = true;

    /// <summary>Marks the peer as one to be dropped; false when it is already.</summary>
    public bool TryDrop() => !IsDropped && (IsDropped = true);

    public void Disconnect() => IsConnected = false;
}

/// <summary>Represents what went back and forth between a peer and us, across its connections.</summary>
internal sealed class Ledger(PeerId peer)
{
    /// <summary>The time after which what was given counts half.</summary>
    public static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(10);

    private double _score;
    private TimeSpan _scoredAt;

    public PeerId Peer => peer;

    public long BytesSent { get; private set; }

    public long BytesReceived { get; private set; }

    public long BlocksSent { get; private set; }

    public long BlocksReceived { get; private set; }

    /// <summary>Gets the place in the list of those that are away; null while connected.</summary>
    public LinkedListNode<Ledger>? AwayNode { get; set; }

    public void Sent(int bytes)
    {
        BlocksSent++;
        BytesSent += bytes;
    }

    public void Received(int bytes, TimeSpan now)
    {
        BlocksReceived++;
        BytesReceived += bytes;
        _score = ScoreAt(now) + bytes;
        _scoredAt = now;
    }

    public LedgerSnapshot Snapshot(TimeSpan now) =>
        new(peer, AwayNode is null, BytesSent, BytesReceived, BlocksSent, BlocksReceived, ScoreAt(now));

    /// <summary>Returns the bytes received, each counting half every <see cref="HalfLife"/>.</summary>
    public double ScoreAt(TimeSpan now) => now <= _scoredAt ? _score : _score * Math.Pow(0.5, (now - _scoredAt) / HalfLife);
}

/// <summary>Keeps the ledgers of connected peers, and of the last so many that were.</summary>
internal sealed class Ledgers(int maxAway)
{
    private readonly Dictionary<PeerId, Ledger> _ledgers = [];
    private readonly LinkedList<Ledger> _away = new();

    public int Count => _ledgers.Count;

    public IEnumerable<Ledger> All => _ledgers.Values;

    public Ledger Open(PeerId peer)
    {
        if (!_ledgers.TryGetValue(peer, out Ledger? ledger))
        {
            ledger = new Ledger(peer);
            _ledgers.Add(peer, ledger);
        }
        else if (ledger.AwayNode is { } node)
        {
            _away.Remove(node);
            ledger.AwayNode = null;
        }

        return ledger;
    }

    public Ledger? Find(PeerId peer) => _ledgers.GetValueOrDefault(peer);

    public void Close(Ledger ledger)
    {
        if (ledger.BlocksSent + ledger.BlocksReceived == 0)
        {
            _ledgers.Remove(ledger.Peer);
            return;
        }

        ledger.AwayNode = _away.AddLast(ledger);
        while (_away.Count > maxAway)
        {
            Ledger oldest = _away.First!.Value;
            _away.RemoveFirst();
            _ledgers.Remove(oldest.Peer);
        }
    }
}

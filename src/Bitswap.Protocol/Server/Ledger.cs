namespace Bitswap.Protocol.Server;

/// <summary>What went back and forth between a peer and us, across its connections.</summary>
internal sealed class Ledger(PeerId peer)
{
    /// <summary>What was given counts half after this time.</summary>
    public static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(10);

    private double _score;
    private TimeSpan _scoredAt;

    public PeerId Peer => peer;

    public long BytesSent { get; private set; }

    public long BytesReceived { get; private set; }

    public long BlocksSent { get; private set; }

    public long BlocksReceived { get; private set; }

    /// <summary>In the list of those that are away; null while connected.</summary>
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

    /// <summary>Bytes received, each counting half every <see cref="HalfLife"/>.</summary>
    public double ScoreAt(TimeSpan now) => now <= _scoredAt ? _score : _score * Math.Pow(0.5, (now - _scoredAt) / HalfLife);
}

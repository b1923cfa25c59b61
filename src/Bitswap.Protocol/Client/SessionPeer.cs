namespace Bitswap.Protocol.Client;

/// <summary>What a session knows of one peer.</summary>
internal sealed class SessionPeer(PeerLink link)
{
    private const int Experience = 8;
    private const double Certainty = 0.95;
    private const double LeastHitRate = 0.01;
    private const double EvenChance = 0.5;
    private const int FewMisses = 3;

    private double _hitRate = 1;
    private int _answers;

    public PeerLink Link => link;

    /// <summary>Blocks of the session that it was the first to send.</summary>
    public long FirstResponses { get; private set; }

    public int MissesInRow { get; private set; }

    /// <summary>It has had nearly everything so far: asking others whether they have it, too, would be noise.</summary>
    public bool IsCertain => _answers >= Experience && MissesInRow == 0 && _hitRate >= Certainty;

    /// <summary>
    /// It mostly had nothing so far. It is asked for word of a block and not for the block: or it would send the block as soon as it got it, while another
    /// is asked already.
    /// </summary>
    public bool IsUnlikely => (MissesInRow >= FewMisses || (_answers >= Experience && _hitRate < EvenChance)) && link.Peer.KnowsPresence;

    /// <summary>
    /// First responses + 1 (boxo, peerResponseTracker); of two alike the quicker counts more, and one that mostly had nothing counts little.
    /// </summary>
    public double Weight => (FirstResponses + 1.0) * Math.Max(LeastHitRate, _hitRate * _hitRate) / (0.01 + (link.Latency ?? TimeSpan.FromMilliseconds(100)).TotalSeconds);

    public void Hit(bool withBlock)
    {
        _answers++;
        MissesInRow = 0;
        _hitRate += (1 - _hitRate) / 16;
        if (withBlock)
        {
            FirstResponses++;
        }
    }

    public void Miss()
    {
        _answers++;
        MissesInRow++;
        _hitRate -= _hitRate / 16;
    }
}

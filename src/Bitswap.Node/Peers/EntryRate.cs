namespace Bitswap.Node.Peers;

/// <summary>How fast the peers of a node may ask, each alone, and those together that ask faster than they may.</summary>
/// <param name="perPeer">Entries a second of one peer; 0 for no limit.</param>
/// <param name="clock">The clock.</param>
internal sealed class EntryRate(int perPeer, TimeProvider clock)
{
    /// <summary>However many ask too fast, together they get as much as so many peers.</summary>
    public const int PeersThatAskTooFast = 4;

    private int _waiting;

    /// <summary>Entries a second of one peer; 0 for no limit.</summary>
    public int PerPeer => perPeer;

    /// <summary>The clock.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Entries a second of a peer that waits, now.</summary>
    public double OfWaiting => (double)perPeer * Math.Min(1, (double)PeersThatAskTooFast / Math.Max(1, Volatile.Read(ref _waiting)));

    /// <summary>Makes the allowance of one more peer.</summary>
    public EntryAllowance Open() => new(this);

    /// <summary>A peer begins to wait.</summary>
    public void Enter() => Interlocked.Increment(ref _waiting);

    /// <summary>It has waited.</summary>
    public void Leave() => Interlocked.Decrement(ref _waiting);
}

namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>A peer of a random history that is away: what it said before, and what dialling it met.</summary>
internal sealed class LostConnection(SimulatedPeer former, TimeSpan at, PeerLoss loss)
{
    public SimulatedPeer Former => former;

    public TimeSpan At => at;

    public PeerLoss Loss => loss;

    /// <summary>The dial that was asked for last.</summary>
    public long Request { get; set; }

    /// <summary>Dials since that failed.</summary>
    public int Failures { get; set; }

    /// <summary>A dial met what the next would meet, too.</summary>
    public bool IsFinal { get; set; }
}

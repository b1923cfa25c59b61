namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>What a peer in a random history was told of one multihash over one connection, and what it said to it.</summary>
internal sealed class Hearing
{
    /// <summary>When it was told, each time.</summary>
    public List<TimeSpan> Told { get; } = [];

    /// <summary>What it said last; null when it has said nothing.</summary>
    public PresenceType? Said { get; set; }

    public TimeSpan SaidAt { get; set; } = TimeSpan.MinValue;

    /// <summary>Tellings for which no block was sent yet: so many may still come without being unasked.</summary>
    public int Owed { get; set; }
}

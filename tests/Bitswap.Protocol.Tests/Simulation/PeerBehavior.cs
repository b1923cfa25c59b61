namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>How a peer in a random history behaves, by the seed.</summary>
internal sealed record PeerBehavior
{
    /// <summary>How long it takes to answer, at the most.</summary>
    public TimeSpan Slowness { get; private init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>It answers what comes into its head, and sends what it was not asked for.</summary>
    public bool Lies { get; private init; }

    /// <summary>It sends much that it was not asked for.</summary>
    public bool Floods { get; private init; }

    /// <summary>The chance that it never answers a want.</summary>
    public double Muteness { get; private init; }

    /// <summary>It heeds no want that it has in its list, whether it has answered it or not: only one that comes after a CANCEL.</summary>
    public bool HeedsOnce { get; private init; }

    /// <summary>The chance that it hangs up where it should answer.</summary>
    public double HangsUp { get; private init; }

    /// <summary>The chance that it breaks off the stream on which it answers; what was on it it counts as sent.</summary>
    public double BreaksOff { get; private init; }

    /// <summary>It keeps to the rules: whatever happens, it is not to be dropped.</summary>
    public bool KeepsRules => !Floods && !Lies;

    public static PeerBehavior Of(Random random) => random.Next(11) switch
    {
        0 or 1 => new PeerBehavior(),
        2 or 3 => new PeerBehavior { Slowness = TimeSpan.FromSeconds(40) },
        4 => new PeerBehavior { HangsUp = 0.15 },
        5 => new PeerBehavior { BreaksOff = 0.3 },
        6 => new PeerBehavior { Muteness = 0.7, Slowness = TimeSpan.FromSeconds(10) },
        7 => new PeerBehavior { Lies = true },
        8 => new PeerBehavior { Floods = true },
        9 => new PeerBehavior { Muteness = 0.6, HeedsOnce = true },
        _ => new PeerBehavior { Slowness = TimeSpan.FromSeconds(8), HangsUp = 0.05, BreaksOff = 0.1, Muteness = 0.1 },
    };
}

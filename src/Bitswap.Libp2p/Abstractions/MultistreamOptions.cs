namespace Bitswap.Libp2p.Abstractions;

/// <summary>The limits that the other side of a protocol negotiation is held to.</summary>
public sealed record MultistreamOptions
{
    private int _maxProposals = 64;

    /// <summary>The limits used where none are given.</summary>
    public static MultistreamOptions Default { get; } = new();

    /// <summary>How many messages a dialer may send, listings included, until one names a protocol spoken here: 1..4096. The default is 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxProposals
    {
        get => _maxProposals;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 4096);
            _maxProposals = value;
        }
    }
}

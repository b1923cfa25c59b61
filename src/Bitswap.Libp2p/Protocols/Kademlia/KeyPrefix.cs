namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <summary>Represents all places in the space of keys that begin with the same bits: a branch of its tree.</summary>
/// <param name="Start">The lowest place in it.</param>
/// <param name="Length">How many bits they have in common, 0 to 64: of a place, only as many count here.</param>
internal readonly record struct KeyPrefix(ulong Start, int Length)
{
    /// <summary>The longest.</summary>
    public const int MaxLength = 64;

    /// <summary>Gets the prefix of no bits, in which every place is.</summary>
    public static KeyPrefix All => default;

    /// <summary>Gets the highest place in it.</summary>
    public ulong End => Start | Rest(Length);

    /// <summary>Gets the other half of the branch that this one is a half of; it has at least one bit.</summary>
    public KeyPrefix Sibling => this with { Start = Start ^ (1UL << (64 - Length)) };

    /// <summary>Returns the prefix of some length that a place begins with.</summary>
    public static KeyPrefix Of(ulong place, int length) => new(place & ~Rest(length), length);

    /// <summary>Returns whether a place begins so.</summary>
    public bool Contains(ulong place) => place >= Start && place <= End;

    // a shift by 64 is none in C#
    private static ulong Rest(int length) => length == MaxLength ? 0 : ulong.MaxValue >> length;
}

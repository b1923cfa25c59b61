namespace Bitswap.Dag.Car;

/// <summary>Specifies what a <see cref="CarReader"/> accepts.</summary>
public sealed record CarOptions
{
    /// <summary>32 MiB, some 800 000 roots: the largest header that go-car and js-car read, and that is written here.</summary>
    public const int HeaderCeiling = 1 << 25;

    /// <summary>Gets the most bytes of the header: 1 to <see cref="HeaderCeiling"/>, which is the default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxHeaderSize
    {
        get;
        init => field = InRange(value, HeaderCeiling, nameof(MaxHeaderSize));
    }
    = HeaderCeiling;

    /// <summary>
    /// Gets the most bytes of a section, which is a CID and its block: 1 to 2^30, by default 8 MiB, as go-car has it. A larger one is passed over without being held.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxSectionSize
    {
        get;
        init => field = InRange(value, 1 << 30, nameof(MaxSectionSize));
    }
    = 8 << 20;

    /// <summary>Gets what gives the memory that a section is read to, at least so many bytes long; null for new arrays. The block that is given lies in it.</summary>
    public Func<int, byte[]>? Rent { get; init; }

    /// <summary>Gets whether each block is checked against its CID before it is given, as by default; otherwise the caller does that.</summary>
    public bool Verify { get; init; } = true;

    private static int InRange(int value, int max, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
        return value;
    }
}

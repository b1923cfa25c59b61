namespace Bitswap.Dag.Car;

/// <summary>What a <see cref="CarReader"/> accepts.</summary>
public sealed record CarOptions
{
    /// <summary>The most bytes of the header: 1 to 2^25, by default 1 MiB, some 25 000 roots.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxHeaderSize
    {
        get;
        init => field = InRange(value, 1 << 25, nameof(MaxHeaderSize));
    }
    = 1 << 20;

    /// <summary>The most bytes of a section, which is a CID and its block: 1 to 2^30, by default 8 MiB, as go-car has it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public int MaxSectionSize
    {
        get;
        init => field = InRange(value, 1 << 30, nameof(MaxSectionSize));
    }
    = 8 << 20;

    private static int InRange(int value, int most, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
        return value;
    }
}

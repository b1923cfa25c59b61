using System.Numerics;
using System.Runtime.CompilerServices;

namespace Bitswap.Libp2p.Abstractions;

/// <summary>Refuses values of options that are out of their range, by the name of the option.</summary>
internal static class OptionRange
{
    /// <summary>Returns a value that is in its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static T InRange<T>(T value, T min, T max, [CallerMemberName] string name = "")
        where T : INumber<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
        return value;
    }

    /// <summary>Returns a wait that is in its range, which ends at a day where nothing else is said.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public static TimeSpan Wait(TimeSpan value, TimeSpan min, TimeSpan? max = null, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, min, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max ?? TimeSpan.FromDays(1), name);
        return value;
    }
}

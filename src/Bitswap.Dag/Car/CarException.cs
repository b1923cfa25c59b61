using Bitswap.Dag.Abstractions;

namespace Bitswap.Dag.Car;

/// <summary>
/// Represents a CAR that is damaged, cut short, or no CAR at all (<c>InvalidCar</c>), that is larger than a limit (<c>DagLimitExceeded</c>), or that holds what may be no
/// block (<c>BlockTooLarge</c>, <c>InvalidMultihash</c>).
/// </summary>
public sealed class CarException : DagException
{
    internal CarException(string why, long offset, Exception? innerException = null)
        : this(DagErrorIds.InvalidCar, why, offset, innerException)
    {
    }

    internal CarException(string errorId, string why, long offset, Exception? innerException = null)
        : base(errorId, $"{why} (at byte {offset} of the CAR).", innerException)
    {
        Offset = offset;
    }

    /// <summary>Gets where in the file the first part that cannot be read begins, in bytes. All before it is sound.</summary>
    public long Offset { get; }

    /// <summary>Gets whether one section alone was refused, and passed over: the next can be read.</summary>
    public bool IsPassedOver { get; init; }
}

namespace Bitswap.Dag.Car;

/// <summary>A CAR that is damaged, cut short, or no CAR at all; the id is <c>InvalidCar</c>.</summary>
public sealed class CarException : DagException
{
    internal CarException(string why, long offset, Exception? innerException = null)
        : base(DagErrorIds.InvalidCar, $"{why} (at byte {offset} of the CAR).", innerException)
    {
        Offset = offset;
    }

    /// <summary>Where in the file the first part that cannot be read begins, in bytes. All before it is sound.</summary>
    public long Offset { get; }
}

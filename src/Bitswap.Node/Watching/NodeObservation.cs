namespace Bitswap.Node.Watching;

/// <summary>Something that a node did or that happened to it, for those who look on.</summary>
/// <param name="Time">When, by the node's clock.</param>
public abstract record NodeObservation(DateTimeOffset Time)
{
    /// <summary>How much room it takes in a queue: one, and one for each entry, block and presence of a message.</summary>
    public virtual int Weight => 1;
}

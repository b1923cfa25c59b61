namespace Bitswap;

/// <summary>A want of Start-BitswapWant. What it tells is always the present state.</summary>
public sealed class BitswapWant
{
    internal BitswapWant(NodeWant want, BitswapNode node)
    {
        Want = want;
        Owner = node;
    }

    /// <summary>The number of the want, unique in its node.</summary>
    public long Id => Want.Id;

    /// <summary>What is wanted.</summary>
    public string Cid => Want.Cid.ToString();

    /// <summary>Higher is asked for first.</summary>
    public int Priority => Want.Options.Priority;

    /// <summary>Block, or Have when it is only asked who has it.</summary>
    public string Type => Want.Options.Type == WantType.Have ? "Have" : "Block";

    /// <summary>Wanted, Received, Cancelled or Failed.</summary>
    public string State => Want.State.ToString();

    /// <summary>How long ago it was started.</summary>
    public TimeSpan Age => TimeProvider.System.GetUtcNow() - Want.Started;

    /// <summary>The peer it was received from; null until then, and when the node had the block.</summary>
    public string? From => Want.From?.ToString();

    /// <summary>Why it ended without the block; null while it is wanted, and when it came.</summary>
    public string? Error => Failure?.Message;

    /// <summary>The id of the error that it ended with, such as Timeout or WantCancelled; null while it is wanted, and when the block came.</summary>
    public string? ErrorId => Failure?.ErrorId;

    /// <summary>The node that wants it.</summary>
    public string Node => Owner.Name;

    /// <summary>The node that wants it.</summary>
    internal BitswapNode Owner { get; }

    /// <summary>The want itself.</summary>
    internal NodeWant Want { get; }

    /// <summary>What it ended with.</summary>
    internal BitswapException? Failure => Want.Completion.Exception?.InnerException as BitswapException;

    /// <inheritdoc/>
    public override string ToString() => Cid;
}

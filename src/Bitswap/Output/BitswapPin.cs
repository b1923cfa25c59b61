namespace Bitswap;

/// <summary>A pin: a block that Clear-BitswapStore leaves alone.</summary>
public sealed class BitswapPin
{
    internal BitswapPin(Node.Repositories.Pin pin, BitswapNode node)
    {
        Cid = pin.Cid.ToString();
        Recursive = pin.Recursive;
        Name = pin.Name;
        Created = pin.Created;
        Node = node.Name;
    }

    /// <summary>The block.</summary>
    public string Cid { get; }

    /// <summary>Whether everything below it is kept as well.</summary>
    public bool Recursive { get; }

    /// <summary>What it is called, or null.</summary>
    public string? Name { get; }

    /// <summary>When it was pinned.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>The node that keeps it.</summary>
    public string Node { get; }

    /// <inheritdoc/>
    public override string ToString() => Cid;
}

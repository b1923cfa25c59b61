namespace Bitswap.Binding;

/// <summary>A node as cmdlets take it: a <see cref="BitswapNode"/>, or the name of one that runs in this process.</summary>
public sealed class NodeArgument
{
    /// <summary>Takes a value; which node it is, is asked when it is used.</summary>
    /// <param name="value">What the user gave.</param>
    public NodeArgument(object value)
    {
        object? source = Unwrap.Base(value);
        Node = source as BitswapNode;
        Name = Node?.Name ?? source?.ToString() ?? "";
    }

    /// <summary>The node itself, when it was given.</summary>
    internal BitswapNode? Node { get; }

    /// <summary>The node's name.</summary>
    internal string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

namespace Bitswap.Binding;

/// <summary>A node as cmdlets take it: a <see cref="BitswapNode"/>, the name of one that runs in this process, or an object that names its node.</summary>
public sealed class NodeArgument
{
    /// <summary>Takes a value; which node it is, is asked when it is used.</summary>
    /// <param name="value">What the user gave.</param>
    public NodeArgument(object value)
    {
        object? source = Unwrap.Base(value);
        if (source is Several several)
        {
            Several = several;
            Name = several.ToString();
            return;
        }

        if (source is not (BitswapNode or string) && Unwrap.Property(value, "Node") is { } owner)
        {
            IsOfObject = true;
            source = owner;
        }

        Node = source as BitswapNode;
        CopyOf = Node is null && source is not string ? Unwrap.Property(source, "PeerId")?.ToString() : null;
        Name = Node?.Name ?? (CopyOf is null ? null : Unwrap.Property(source, "Name")?.ToString()) ?? source?.ToString() ?? "";
    }

    /// <summary>The node itself, when it was given.</summary>
    internal BitswapNode? Node { get; }

    /// <summary>The node's name.</summary>
    internal string Name { get; }

    /// <summary>The peer id of the node that this is a copy of, as a serializer makes one; null when it is none.</summary>
    internal string? CopyOf { get; }

    /// <summary>What was given where one node is needed; null when that was one.</summary>
    internal Several? Several { get; }

    /// <summary>Whether it was taken of an object that belongs to a node, such as a peer.</summary>
    internal bool IsOfObject { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

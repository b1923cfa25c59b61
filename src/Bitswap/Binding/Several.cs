using System.Collections;

namespace Bitswap.Binding;

/// <summary>A list that was given where one value is needed. The argument that is made of it says so when it is used.</summary>
/// <param name="items">What was given.</param>
internal sealed class Several(IReadOnlyList<object?> items)
{
    // more would fill the screen
    private const int MaxNamed = 5;

    /// <summary>How many were given, which is not one.</summary>
    public int Count => items.Count;

    /// <summary>The list of a value, when it is one that has not exactly one item.</summary>
    public static object? Of(object? value) => Unwrap.Base(value) is IList list and not byte[]? list.Count == 1 ? list[0] : new Several([.. list.Cast<object?>()])
        : value;

    /// <summary>What was given, as it may stand in a message.</summary>
    public override string ToString() =>
        string.Join(", ", items.Take(MaxNamed).Select(item => Unwrap.Base(item)?.ToString() ?? "null")) + (items.Count > MaxNamed ? ", ..." : "");
}

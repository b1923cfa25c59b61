using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;

namespace Bitswap.Values;

/// <summary>Sees through PowerShell's wrapping of objects, and through what serializers make of them.</summary>
internal static class Unwrap
{
    /// <summary>The object itself; of one that is made of properties alone, which has none, the wrapping.</summary>
    public static object? Base(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    /// <summary>The value of the first of the properties that an object has and that is set, its own, a note or a key of a table; else null.</summary>
    public static object? Property(object? value, params ReadOnlySpan<string> names)
    {
        if (value is null)
        {
            return null;
        }

        PSObject wrapped = PSObject.AsPSObject(value);
        IDictionary? table = wrapped.BaseObject as IDictionary;
        foreach (string name in names)
        {
            if ((table is null ? wrapped.Properties[name]?.Value : table[name]) is { } found)
            {
                return Base(found);
            }
        }

        return null;
    }

    /// <summary>
    /// The text of a CID, a peer id or an address: a text as it is, and the text that is left of one when it has been through a serializer: the property Text, or "/" of
    /// a link of dag-json.
    /// </summary>
    /// <param name="value">A text, an object, or null.</param>
    /// <param name="text">The text.</param>
    public static bool TryText(object? value, [NotNullWhen(true)] out string? text)
    {
        text = Base(value) switch
        {
            string itself => itself,
            Cid or PeerId or Multiaddr => value!.ToString(),
            _ => Property(value, "/", "Text") as string,
        };
        return text is not null;
    }

    /// <summary>What an object is called in a message that says what is wrong with it.</summary>
    public static string TypeName(object? value) => value is null ? "null" : PSObject.AsPSObject(value).TypeNames.FirstOrDefault() ?? value.GetType().FullName!;
}

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

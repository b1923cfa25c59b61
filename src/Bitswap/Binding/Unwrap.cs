using System.Management.Automation;

namespace Bitswap.Binding;

/// <summary>Sees through PowerShell's wrapping of objects.</summary>
internal static class Unwrap
{
    /// <summary>The object itself.</summary>
    public static object? Base(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    /// <summary>The value of the first of the properties that an object has and that is set, its own or a note; else null.</summary>
    public static object? Property(object? value, params ReadOnlySpan<string> names)
    {
        if (value is null)
        {
            return null;
        }

        PSObject wrapped = PSObject.AsPSObject(value);
        foreach (string name in names)
        {
            if (wrapped.Properties[name]?.Value is { } found)
            {
                return Base(found);
            }
        }

        return null;
    }
}

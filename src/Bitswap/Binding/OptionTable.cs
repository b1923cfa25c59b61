using System.Collections;
using System.Collections.Specialized;

namespace Bitswap.Binding;

/// <summary>Options of a node by name, as a table gives them, in their order. It is a type of its own so that PowerShell completes the names inside the table.</summary>
public abstract class OptionTable : OrderedDictionary
{
    private protected OptionTable()
        : base(StringComparer.OrdinalIgnoreCase)
    {
    }

    private protected OptionTable(IDictionary options)
        : this()
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (DictionaryEntry option in options)
        {
            // of a table that tells upper from lower case, the last one counts
            this[option.Key.ToString() ?? ""] = option.Value;
        }
    }
}

/// <summary>Options to start a node with.</summary>
public sealed class StartOptions : OptionTable
{
    /// <summary>No options.</summary>
    public StartOptions()
    {
    }

    /// <summary>The options of a table.</summary>
    /// <param name="options">The table.</param>
    public StartOptions(IDictionary options)
        : base(options)
    {
    }
}

/// <summary>Options that a running node takes.</summary>
public sealed class LiveOptions : OptionTable
{
    /// <summary>No options.</summary>
    public LiveOptions()
    {
    }

    /// <summary>The options of a table.</summary>
    /// <param name="options">The table.</param>
    public LiveOptions(IDictionary options)
        : base(options)
    {
    }
}

using System.Management.Automation;

namespace Bitswap.Live;

/// <summary>The colours of the screen: those of <c>$PSStyle</c>, or none.</summary>
internal sealed record TextStyle
{
    /// <summary>No colour at all.</summary>
    public static TextStyle Plain { get; } = new();

    /// <summary>What matters most.</summary>
    public string Bold { get; init; } = "";

    /// <summary>What matters least.</summary>
    public string Dim { get; init; } = "";

    /// <summary>A heading of a table.</summary>
    public string Header { get; init; } = "";

    /// <summary>What comes in.</summary>
    public string In { get; init; } = "";

    /// <summary>What goes out.</summary>
    public string Out { get; init; } = "";

    /// <summary>What waits for a person.</summary>
    public string Warning { get; init; } = "";

    /// <summary>Ends each of the others.</summary>
    public string Reset { get; init; } = "";

    /// <summary>Reads <c>$PSStyle</c>. None are used where it is absent, or where OutputRendering (which NO_COLOR sets) asks for plain text.</summary>
    public static TextStyle From(object? psStyle)
    {
        if (psStyle is null || Text(psStyle, "OutputRendering") is "PlainText" or "")
        {
            return Plain;
        }

        return new TextStyle
        {
            Bold = Text(psStyle, "Bold"),
            Dim = Text(psStyle, "Dim"),
            Header = Text(psStyle, "Formatting", "TableHeader"),
            In = Text(psStyle, "Foreground", "Green"),
            Out = Text(psStyle, "Foreground", "Cyan"),
            Warning = Text(psStyle, "Formatting", "Warning"),
            Reset = Text(psStyle, "Reset"),
        };
    }

    private static string Text(object? value, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
        {
            value = value is null ? null : PSObject.AsPSObject(value).Properties[name]?.Value;
        }

        return value?.ToString() ?? "";
    }
}

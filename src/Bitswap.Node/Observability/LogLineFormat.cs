using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Serilog.Events;
using Serilog.Formatting;

namespace Bitswap.Node.Observability;

/// <summary>
/// One line an event: the time in UTC, the level, the number of its kind and the message; an exception follows on lines that are set in. What a stranger had a say in cannot
/// make a line of its own: characters that end one, or move the cursor, are written as their codes.
/// </summary>
internal sealed class LogLineFormat : ITextFormatter
{
    /// <summary>The property with the number of an event's kind.</summary>
    public const string EventId = "EventId";

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        string id = logEvent.Properties.TryGetValue(EventId, out LogEventPropertyValue? value) && value is ScalarValue { Value: int number } ? number.ToString(CultureInfo.InvariantCulture) : "0";
        output.Write(logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        output.Write($" {(LogLevel)(int)logEvent.Level} {id} ");
        Write(logEvent.RenderMessage(CultureInfo.InvariantCulture), output);
        output.WriteLine();
        foreach (string line in logEvent.Exception?.ToString().ReplaceLineEndings("\n").Split('\n') ?? [])
        {
            output.Write("    ");
            Write(line, output);
            output.WriteLine();
        }
    }

    private static void Write(string text, TextWriter output)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsPlain(rune))
            {
                output.Write(rune.ToString());
            }
            else
            {
                output.Write(string.Create(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}"));
            }
        }
    }

    // Bidirectional controls: Unicode TR9, 2.0.
    private static bool IsPlain(Rune rune) => rune.Value is not (0x61C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069))
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}

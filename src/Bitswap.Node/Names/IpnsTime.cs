using System.Globalization;
using System.Text;

namespace Bitswap.Node.Names;

/// <summary>Represents a moment as IPNS records have it: in nanoseconds, which .NET's own types do not hold, and as text in the form of RFC 3339.</summary>
/// <param name="Utc">The moment, down to 100 ns.</param>
/// <param name="Rest">The nanoseconds below that, 0 to 99.</param>
internal readonly record struct IpnsTime(DateTime Utc, int Rest) : IComparable<IpnsTime>
{
    private const int FractionDigits = 9;
    private const int MaxLength = 64;
    private const int SecondsLength = 19;
    private const int TickNanoseconds = 100;
    private const string Seconds = "yyyy-MM-dd'T'HH:mm:ss";

    /// <summary>Returns the moment; what is below 100 ns is left out.</summary>
    public static IpnsTime Of(DateTimeOffset time) => new(time.UtcDateTime, 0);

    /// <summary>Reads a text such as <c>2030-01-02T03:04:05.000000006Z</c> (RFC 3339 section 5.6).</summary>
    /// <returns>False where it is no such text, or before the year 1 or after the year 9999 in UTC.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out IpnsTime time)
    {
        time = default;
        if (text.Length is <= SecondsLength or > MaxLength || !Ascii.IsValid(text))
        {
            return false;
        }

        string all = Encoding.ASCII.GetString(text);
        if (!DateTime.TryParseExact(all.AsSpan(0, SecondsLength), Seconds, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime seconds))
        {
            return false;
        }

        ReadOnlySpan<char> rest = all.AsSpan(SecondsLength);
        int nanoseconds = 0;
        if (rest[0] == '.')
        {
            int end = 1 + rest[1..].IndexOfAnyExceptInRange('0', '9');
            if (end <= 1)
            {
                return false;
            }

            for (int i = 1; i <= FractionDigits; i++)
            {
                nanoseconds = (10 * nanoseconds) + (i < end ? rest[i] - '0' : 0);
            }

            rest = rest[end..];
        }

        if (!TryParseOffset(rest, out TimeSpan offset))
        {
            return false;
        }

        long ticks = seconds.Ticks + (nanoseconds / TickNanoseconds) - offset.Ticks;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new IpnsTime(new DateTime(ticks, DateTimeKind.Utc), nanoseconds % TickNanoseconds);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(IpnsTime other) => Utc != other.Utc ? Utc.CompareTo(other.Utc) : Rest.CompareTo(other.Rest);

    /// <summary>Returns the text with all nine digits of a second's fraction, in UTC.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture)}{Rest:00}Z");

    private static bool TryParseOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (text is "Z")
        {
            return true;
        }

        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':'
            || !int.TryParse(text[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out int hours)
            || !int.TryParse(text[4..], NumberStyles.None, CultureInfo.InvariantCulture, out int minutes)
            || hours > 23
            || minutes > 59)
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0) * (text[0] == '-' ? -1 : 1);
        return true;
    }
}

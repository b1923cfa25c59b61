namespace Bitswap.Node.Providing;

/// <summary>
/// When each part of the space of keys is announced: they take turns, evenly spread over the interval, so that the traffic is even, as in the sweeping provider of Kubo. Keys are hashes, so that
/// each part has as many.
/// </summary>
/// <param name="interval">How long it is from one turn of a part to its next.</param>
/// <param name="epoch">A time at which the first part has its turn.</param>
internal sealed class ProvideSchedule(TimeSpan interval, DateTimeOffset epoch)
{
    /// <summary>The parts, each of which is a prefix of ten bits: about as many as the public network has branches of 20 peers.</summary>
    public const int Parts = 1 << Bits;

    private const int Bits = 10;

    /// <summary>Gets how early a part may be announced with one before it, where the same peers keep the records of both: seldom enough for the traffic to be even in the smallest network.</summary>
    public TimeSpan Ahead => interval / 32;

    /// <summary>Returns the first place of a part, by its first 64 bits.</summary>
    public static ulong StartOf(int part) => (ulong)part << (64 - Bits);

    /// <summary>Returns the last place of a part.</summary>
    public static ulong EndOf(int part) => StartOf(part) | (ulong.MaxValue >> Bits);

    /// <summary>Returns the part in which a place is.</summary>
    public static int PartOf(ulong place) => (int)(place >> (64 - Bits));

    /// <summary>
    /// Returns when a part is due that was announced at some time: at its first turn once half the interval has passed. That leaves at most one and a half intervals between two announcements, and a
    /// part whose turn comes soon after it was caught up with is not announced twice.
    /// </summary>
    public DateTimeOffset DueAt(int part, DateTimeOffset announced)
    {
        DateTimeOffset first = epoch + (interval * ((double)part / Parts));
        double turns = Math.Ceiling((announced + (interval / 2) - first) / interval);
        return first + (interval * turns);
    }
}

namespace Bitswap.Pipeline;

/// <summary>One state of a progress bar.</summary>
/// <param name="Activity">What is going on.</param>
/// <param name="Status">How far it is, in words.</param>
/// <param name="Percent">0 to 100, or -1 when the end is not known.</param>
/// <param name="Completed">Whether the bar goes away.</param>
internal sealed record ProgressReport(string Activity, string Status, int Percent, bool Completed)
{
    /// <summary>How long the rest takes, in seconds, or -1 when that is not known.</summary>
    public int SecondsLeft { get; init; } = -1;

    /// <summary>What is being done now; null for nothing to tell.</summary>
    public string? Current { get; init; }
}

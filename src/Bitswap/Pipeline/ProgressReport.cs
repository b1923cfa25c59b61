namespace Bitswap.Pipeline;

/// <summary>One state of a progress bar.</summary>
/// <param name="Activity">What is going on.</param>
/// <param name="Status">How far it is, in words.</param>
/// <param name="Percent">0 to 100, or -1 when the end is not known.</param>
/// <param name="Completed">Whether the bar goes away.</param>
internal sealed record ProgressReport(string Activity, string Status, int Percent, bool Completed);

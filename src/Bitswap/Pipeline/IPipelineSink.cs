using Bitswap.Errors;

namespace Bitswap.Pipeline;

/// <summary>What logic needs of a running cmdlet, so that it can be tested without one. Called from the pipeline thread only.</summary>
internal interface IPipelineSink
{
    /// <summary>Writes one object, never its elements.</summary>
    void WriteObject(object? value);

    /// <summary>Reports a bad item; what comes after it goes on.</summary>
    void WriteFault(Fault fault);

    /// <summary>Tells the story to who asked for it.</summary>
    void WriteVerbose(string text);

    /// <summary>Shows what the user should know, though nothing failed.</summary>
    void WriteWarning(string text);

    /// <summary>Tells the details to who looks for a fault.</summary>
    void WriteDebug(string text);

    /// <summary>Shows how far a long run is.</summary>
    void WriteProgress(ProgressReport report);

    /// <summary>Whether to do what destroys, after -WhatIf and -Confirm.</summary>
    bool ShouldProcess(string target, string action);
}

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

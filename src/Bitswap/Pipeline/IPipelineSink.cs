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

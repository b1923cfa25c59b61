using Bitswap.Errors;
using Bitswap.Pipeline;

namespace Bitswap.Tests;

/// <summary>Keeps what is written, and which thread wrote it.</summary>
internal sealed class RecordingSink : IPipelineSink
{
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public List<object?> Objects { get; } = [];

    public List<Fault> Faults { get; } = [];

    public List<string> Verbose { get; } = [];

    public List<string> Debug { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<ProgressReport> Progress { get; } = [];

    /// <summary>Called before each object is written: throws as Select-Object -First does.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>Called after each line of the verbose and the debug stream.</summary>
    public Action<string>? AfterLine { get; set; }

    public void WriteObject(object? value)
    {
        CheckThread();
        BeforeWrite?.Invoke();
        Objects.Add(value);
    }

    public void WriteFault(Fault fault)
    {
        CheckThread();
        Faults.Add(fault);
    }

    public void WriteVerbose(string text)
    {
        CheckThread();
        Verbose.Add(text);
        AfterLine?.Invoke(text);
    }

    public void WriteWarning(string text)
    {
        CheckThread();
        Warnings.Add(text);
    }

    public void WriteDebug(string text)
    {
        CheckThread();
        Debug.Add(text);
        AfterLine?.Invoke(text);
    }

    public void WriteProgress(ProgressReport report)
    {
        CheckThread();
        Progress.Add(report);
    }

    public bool ShouldProcess(string target, string action) => true;

    private void CheckThread() =>
        Assert.True(_thread == Environment.CurrentManagedThreadId, "written from a thread that is not the pipeline's");
}

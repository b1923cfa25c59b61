using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Errors;
using Bitswap.Live;

namespace Bitswap.Pipeline;

/// <summary>What all cmdlets of this module share: stopping, errors, cleaning up.</summary>
/// <remarks>
/// However a pipeline ends (its end, Ctrl+C, <c>Select-Object -First</c>, an exception), <see cref="Release"/> runs once. Nothing but the
/// pipeline thread writes. With -Verbose or -Debug, what the cmdlet's nodes log is written too, while it waits and before its next write. A write may
/// run other cmdlets on this thread (the next of the pipeline), so the write methods of the base class are hidden by ones that release the thread while they write.
/// </remarks>
public abstract class BitswapCmdlet : PSCmdlet, IPipelineSink, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private bool _released;
    private bool _isCidSaid;
    private LogRelay? _log;

    private protected BitswapCmdlet()
    {
    }

    /// <summary>Cancelled when the pipeline stops.</summary>
    private protected CancellationToken StopToken => _stop.Token;

    /// <inheritdoc/>
    void IPipelineSink.WriteObject(object? value) => WriteObject(value, enumerateCollection: false);

    /// <inheritdoc/>
    void IPipelineSink.WriteFault(Fault fault) => WriteError(fault.ToErrorRecord());

    /// <inheritdoc/>
    void IPipelineSink.WriteVerbose(string text) => WriteVerbose(text);

    /// <inheritdoc/>
    void IPipelineSink.WriteWarning(string text) => WriteWarning(text);

    /// <inheritdoc/>
    void IPipelineSink.WriteDebug(string text) => WriteDebug(text);

    /// <inheritdoc/>
    void IPipelineSink.WriteProgress(ProgressReport report)
    {
        // PowerShell's own console draws it with -NonInteractive too, where no person looks and a log fills with bars
        if (Terminal.IsNonInteractive && Host?.Name == "ConsoleHost")
        {
            return;
        }

        WriteProgress(new ProgressRecord(Math.Abs(GetHashCode()), report.Activity, report.Status)
        {
            PercentComplete = report.Percent,
            SecondsRemaining = report.SecondsLeft,
            CurrentOperation = report.Current,
            RecordType = report.Completed ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        });
    }

    /// <inheritdoc/>
    bool IPipelineSink.ShouldProcess(string target, string action) => ShouldProcess(target, action);

    /// <summary>Called by PowerShell when the pipeline is over, whichever way.</summary>
    public void Dispose()
    {
        ReleaseOnce();
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _isCidSaid = MyInvocation.BoundParameters.ContainsKey("Cid");
        if (RelaysLog && (IsVerbose || IsDebug))
        {
            // with -Debug alone PowerShell asks the user about each line of the verbose stream
            bool isVerbose = IsVerbose && (!IsDebug || MyInvocation.BoundParameters.ContainsKey("Verbose"));
            _log = new LogRelay(this, isVerbose, IsDebug, StopProcessing);
        }

        Guard(Begin);
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Guard(Process);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Guard(End);

    /// <inheritdoc/>
    protected sealed override void StopProcessing()
    {
        try
        {
            // not Cancel: that would run what hangs on the token on PowerShell's own thread
            _ = _stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // the pipeline was over already
        }
    }

    /// <summary>Before the first item.</summary>
    private protected virtual void Begin()
    {
    }

    /// <summary>One item, or once when nothing is piped.</summary>
    private protected virtual void Process()
    {
    }

    /// <summary>After the last item, when nothing went wrong.</summary>
    private protected virtual void End()
    {
    }

    /// <summary>Cancels, waits for and frees what the cmdlet started.</summary>
    private protected virtual void Release()
    {
    }

    /// <summary>Whether the user listens to the verbose stream: by -Verbose, or by $VerbosePreference.</summary>
    private protected bool IsVerbose => IsWanted("Verbose");

    /// <summary>Whether the user listens to the debug stream: by -Debug, or by $DebugPreference.</summary>
    private protected bool IsDebug => IsWanted("Debug");

    /// <summary>The CIDs to work on. Blank lines among those that are piped are left out, as a list in a file may have them; one that is typed is an error like others.</summary>
    private protected IEnumerable<CidArgument> Filled(CidArgument[] arguments) => _isCidSaid ? arguments : arguments.Where(argument => !argument.IsBlank);

    /// <summary>Whether what a node logs is written to the streams the user listens to.</summary>
    private protected virtual bool RelaysLog => true;

    /// <summary>Writes the log of nodes; null when it is not wanted.</summary>
    private protected LogRelay? Log => _log;

    /// <summary>Writes one object, never its elements.</summary>
    internal new void WriteObject(object? value) => WriteObject(value, enumerateCollection: false);

    /// <summary>Writes an object or its elements.</summary>
    internal new void WriteObject(object? value, bool enumerateCollection)
    {
        using PipelineThread.RelayScope others = LetOthersRun();
        base.WriteObject(value, enumerateCollection);
    }

    /// <summary>Reports a bad item.</summary>
    internal new void WriteError(ErrorRecord error)
    {
        using PipelineThread.RelayScope others = LetOthersRun();
        base.WriteError(error);
    }

    /// <summary>Shows what the user should know.</summary>
    internal new void WriteWarning(string text)
    {
        using PipelineThread.RelayScope others = LetOthersRun();
        base.WriteWarning(text);
    }

    /// <summary>Tells the story to who asked for it.</summary>
    internal new void WriteVerbose(string text)
    {
        using PipelineThread.RelayScope others = LetOthersRun();
        base.WriteVerbose(text);
    }

    /// <summary>Tells the details to who looks for a fault.</summary>
    internal new void WriteDebug(string text)
    {
        using PipelineThread.RelayScope others = LetOthersRun();
        base.WriteDebug(text);
    }

    /// <summary>Whether to do what destroys, after -WhatIf and -Confirm.</summary>
    internal new bool ShouldProcess(string target, string action)
    {
        using PipelineThread.RelayScope others = LetOthersRun();
        return base.ShouldProcess(target, action);
    }

    /// <summary>Waits for one call to a node. A bad item gives a fault and false; what it throws otherwise ends the pipeline.</summary>
    private protected bool TryAwait<T>(Func<CancellationToken, ValueTask<T>> call, object? target, out T result)
    {
        try
        {
            result = PipelineThread.Wait(call(StopToken));
            return true;
        }
        catch (Exception exception) when (FaultMap.TryMap(exception, target, out Fault? fault))
        {
            WriteError(fault.ToErrorRecord());
            result = default!;
            return false;
        }
    }

    // what was logged before stands before what is written now
    private PipelineThread.RelayScope LetOthersRun()
    {
        WriteLog();
        return PipelineThread.Relaying(null);
    }

    private void WriteLog()
    {
        _log?.Drain();
        _log?.ThrowIfFailed();
    }

    private bool IsWanted(string stream) =>
        MyInvocation.BoundParameters.TryGetValue(stream, out object? said)
            ? said is SwitchParameter { IsPresent: true }
            : GetVariableValue($"{stream}Preference")?.ToString() is { } preference && preference is not ("SilentlyContinue" or "Ignore");

    private void Guard(Action step)
    {
        bool finished = false;
        using PipelineThread.RelayScope scope = PipelineThread.Relaying(_log);
        try
        {
            step();
            WriteLog();
            finished = true;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _log?.ThrowIfFailed();
            throw new PipelineStoppedException();
        }
        catch (Exception exception) when (FaultMap.TryMap(exception, null, out Fault? fault))
        {
            WriteLog();
            ReleaseOnce();
            ThrowTerminatingError(fault.ToErrorRecord());
        }
        finally
        {
            if (!finished)
            {
                ReleaseOnce();
            }
        }
    }

    private void ReleaseOnce()
    {
        if (!_released)
        {
            _released = true;
            using PipelineThread.RelayScope none = PipelineThread.Relaying(null);
            try
            {
                Release();
            }
            finally
            {
                _log?.Dispose();
            }
        }
    }
}

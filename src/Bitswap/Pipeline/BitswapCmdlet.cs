using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Errors;
using Bitswap.Live;

namespace Bitswap.Pipeline;

/// <summary>What all cmdlets of this module share: stopping, errors, cleaning up.</summary>
/// <remarks>
/// However a pipeline ends (its end, Ctrl+C, <c>Select-Object -First</c>, an exception), <see cref="Release"/> runs once. Nothing but the
/// pipeline thread writes.
/// </remarks>
public abstract class BitswapCmdlet : PSCmdlet, IPipelineSink, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private bool _released;
    private bool _isCidSaid;

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
    void IPipelineSink.WriteDebug(string text) => WriteDebug(text);

    /// <inheritdoc/>
    void IPipelineSink.WriteProgress(ProgressReport report)
    {
        // PowerShell's own console draws it with -NonInteractive too, where nobody looks and a log fills with bars
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

    /// <summary>Relays a node's log to the streams the user listens to; null when that is none.</summary>
    private protected LogRelay? RelayLog() => IsVerbose || IsDebug ? new LogRelay(this, IsDebug) : null;

    /// <summary>Waits for one call to a node. A bad item gives a fault and false; what it throws otherwise ends the pipeline.</summary>
    private protected bool TryAwait<T>(Func<CancellationToken, ValueTask<T>> call, object? target, out T result, LogRelay? log = null)
    {
        try
        {
            result = log is null ? PipelineThread.Wait(call(StopToken)) : log.Wait(call(StopToken));
            return true;
        }
        catch (Exception exception) when (FaultMap.TryMap(exception, target, out Fault? fault))
        {
            WriteError(fault.ToErrorRecord());
            result = default!;
            return false;
        }
    }

    private bool IsWanted(string stream) =>
        MyInvocation.BoundParameters.TryGetValue(stream, out object? said)
            ? said is SwitchParameter { IsPresent: true }
            : GetVariableValue($"{stream}Preference")?.ToString() is { } preference && preference is not ("SilentlyContinue" or "Ignore");

    private void Guard(Action step)
    {
        bool finished = false;
        try
        {
            step();
            finished = true;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception exception) when (FaultMap.TryMap(exception, null, out Fault? fault))
        {
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
            Release();
        }
    }
}

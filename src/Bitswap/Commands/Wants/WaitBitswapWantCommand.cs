using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Errors;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Waits until wants end. A want is given out when its block came; one that ended without it gives its error. StopToken this cmdlet, or
/// its timeout, leaves the wants as they are.
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "BitswapWant")]
[OutputType(typeof(BitswapWant))]
public sealed class WaitBitswapWantCommand : BitswapCmdlet
{
    private readonly List<BitswapWant> _wants = [];
    private ProgressMeter? _progress;
    private WorkPump? _pump;

    /// <summary>Wants of Start-BitswapWant.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public BitswapWant[] Want { get; set; } = [];

    /// <summary>How many seconds to wait for all of them together; 0, the default, for ever.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 31_536_000.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; }

    private protected override void Process()
    {
        foreach (BitswapWant want in Want)
        {
            Log?.Follow(want.Owner.Host);
            _wants.Add(want);
        }
    }

    private protected override void End()
    {
        if (_wants.Count == 0)
        {
            return;
        }

        _progress = new ProgressMeter(this, "Waiting for blocks", TimeProvider.System) { Total = _wants.Count, WaitsFor = WaitsFor };
        _pump = new WorkPump(this, _wants.Count, ordered: false, StopToken, _progress.Update);
        TimeSpan? limit = TimeLimit.From(TimeoutSeconds);
        // one timer for all: the time is that of the cmdlet
        Task time = limit is null ? Task.Delay(Timeout.Infinite, StopToken) : Task.Delay(limit.Value, StopToken);
        foreach (BitswapWant want in _wants)
        {
            _pump.Start(token => WaitAsync(want, time, limit ?? TimeSpan.Zero, token));
        }

        _pump.Complete();
    }

    private protected override void Release()
    {
        _pump?.Dispose();
        _progress?.Dispose();
    }

    private string? WaitsFor() =>
        _wants.Find(want => !want.Want.Completion.IsCompleted && want.Owner.Host.IsRunning) is { } first ? first.Owner.Host.WaitOf(first.Want) : null;

    private async Task<Action<IPipelineSink>> WaitAsync(BitswapWant want, Task time, TimeSpan limit, CancellationToken cancellationToken)
    {
        await Task.WhenAny(want.Want.Completion, time).WaitAsync(cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (!want.Want.Completion.IsCompleted)
        {
            return sink => sink.WriteFault(Faults.Timeout(want, limit));
        }

        long size = want.Want.Completion.IsCompletedSuccessfully ? (await want.Want.Completion.ConfigureAwait(false)).Data.Length : 0;
        return sink =>
        {
            _progress!.Add(size);
            if (want.Failure is { } error && FaultMap.TryMap(error, want, out Fault? fault))
            {
                sink.WriteFault(fault with { Target = want });
            }
            else
            {
                sink.WriteObject(want);
            }
        };
    }
}

using System.Management.Automation;
using System.Runtime.InteropServices;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Keeps a script that serves alive until it is told to stop, by Ctrl+C, by the signal SIGTERM or SIGHUP, by a file that appears, or because its nodes have stopped; then stops
/// the nodes, and returns when their stores are closed.
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "BitswapNode")]
public sealed class WaitBitswapNodeCommand : NodeListCmdlet
{
    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(250);
    private readonly List<BitswapNode> _nodes = [];

    /// <summary>A file that ends the wait when it appears. It is removed then. One that is there already counts.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? StopFile { get; set; }

    /// <summary>After how many seconds the wait ends by itself; 0, the default, never.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 31_536_000.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; }

    private protected override void Process(BitswapNode node) => _nodes.Add(node);

    private protected override void End()
    {
        string? file = StopFile is null ? null : GetUnresolvedProviderPathFromPSPath(StopFile);
        TaskCompletionSource<string> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration terminated = Listen(PosixSignal.SIGTERM, told);
        using PosixSignalRegistration hungUp = Listen(PosixSignal.SIGHUP, told);
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(StopToken);
        Task<string> reason = ReasonAsync(told.Task, file, done.Token);
        WriteVerbose($"Waiting until {string.Join(", ", _nodes)} is told to stop.");
        string why;
        try
        {
            why = PipelineThread.Wait(new ValueTask<string>(reason));
        }
        finally
        {
            done.Cancel();
        }

        WriteVerbose($"{why}: the nodes are stopped.");
        if (file is not null && File.Exists(file))
        {
            Remove(file);
        }

        // while the signals are listened to: a second one does not break the stop off
        BitswapNode.StopAll(_nodes);
        foreach (string warning in _nodes.Select(node => node.LogWarning).OfType<string>())
        {
            WriteWarning(warning);
        }
    }

    private protected override void Release() => BitswapNode.StopAll(_nodes);

    private static PosixSignalRegistration Listen(PosixSignal signal, TaskCompletionSource<string> told) => PosixSignalRegistration.Create(signal, context =>
    {
        // the process ends when the script does
        context.Cancel = true;
        told.TrySetResult($"The signal {signal} arrived");
    });

    private async Task<string> ReasonAsync(Task<string> told, string? file, CancellationToken stopping)
    {
        Task stopped = Task.WhenAll(_nodes.Select(node => node.Host.Completion));
        Task time = Task.Delay(TimeLimit.From(TimeoutSeconds) ?? Timeout.InfiniteTimeSpan, stopping);
        Task appeared = file is null ? Task.Delay(Timeout.InfiniteTimeSpan, stopping) : AppearanceAsync(file, stopping);
        Task first = await Task.WhenAny(told, stopped, time, appeared).ConfigureAwait(false);
        stopping.ThrowIfCancellationRequested();
        return first == told ? await told.ConfigureAwait(false) : first == stopped ? "All nodes have stopped" : first == time ? "The time is over" : $"'{file}' exists";
    }

    private static async Task AppearanceAsync(string file, CancellationToken stopping)
    {
        using PeriodicTimer timer = new(_glance);
        while (!File.Exists(file))
        {
            await timer.WaitForNextTickAsync(stopping).ConfigureAwait(false);
        }
    }

    private void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            WriteWarning($"'{file}' cannot be removed, so it ends the next wait at once: {failure.Message}");
        }
    }
}

using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Ends wants of Start-BitswapWant; the peers that were asked are told. Who else waits for the same block goes on waiting, unless -Force
/// ends everyone's: a pipeline that waits then fails with WantCancelled.
/// </summary>
[Cmdlet(VerbsLifecycle.Stop, "BitswapWant", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low, DefaultParameterSetName = "Want")]
[OutputType(typeof(BitswapWant))]
public sealed class StopBitswapWantCommand : NodeCmdlet
{
    /// <summary>Wants of Start-BitswapWant.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Want")]
    public BitswapWant[] Want { get; set; } = [];

    /// <summary>CIDs: every want of Start-BitswapWant for them ends.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "Cid")]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>Ends everyone's wants for the CIDs, also those of pipelines that wait.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives the wants that have ended.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        if (ParameterSetName == "Want")
        {
            foreach (BitswapWant want in Want)
            {
                Log?.Follow(want.Owner.Host);
                Stop(want.Owner, want.Want.Cid, [want]);
            }

            return;
        }

        BitswapNode node = ResolveNode();
        foreach (CidArgument argument in Filled(Cid))
        {
            if (TryAwait(_ => ValueTask.FromResult(ResolveStored(node, argument)), argument, out Cid cid))
            {
                Stop(node, cid, [.. node.Wants.Values.Where(want => want.Want.Cid.Equals(cid))]);
            }
        }
    }

    private void Stop(BitswapNode node, Cid cid, IReadOnlyList<BitswapWant> wants)
    {
        if (!ShouldProcess($"{cid} in {node.Name}", Force ? "Stop everyone's wants" : "Stop want"))
        {
            return;
        }

        bool isOver = TryAwait(
            async token =>
            {
                if (Force)
                {
                    await node.Host.CancelAllAsync(cid, token).ConfigureAwait(false);
                }

                foreach (BitswapWant want in wants)
                {
                    await want.Want.CancelAsync().ConfigureAwait(false);
                    // the state tells so when the cmdlet returns
                    await ((Task)want.Want.Completion).WaitAsync(token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                token.ThrowIfCancellationRequested();
                return true;
            },
            cid,
            out _);
        foreach (BitswapWant want in isOver && PassThru ? wants : [])
        {
            WriteObject(want);
        }
    }
}

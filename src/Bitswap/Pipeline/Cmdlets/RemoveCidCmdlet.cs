using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;

namespace Bitswap.Pipeline;

/// <summary>A cmdlet that takes things away by their CIDs, each asked about right before.</summary>
public abstract class RemoveCidCmdlet : NodeCmdlet
{
    private protected RemoveCidCmdlet()
    {
    }

    /// <summary>What to take away: CIDs as text in any base, paths such as cid/a/b, or objects that have one.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>Gives what was taken away.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>What is done, as a person is asked.</summary>
    private protected abstract string Action { get; }

    /// <summary>Takes it away and gives it; null when it was not there.</summary>
    private protected abstract ValueTask<object?> RemoveAsync(BitswapNode node, Cid cid, CancellationToken cancellationToken);

    /// <summary>That it was not there.</summary>
    private protected abstract Fault NotThere(Cid cid);

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        foreach (CidArgument argument in Filled(Cid))
        {
            if (TryAwait(_ => ValueTask.FromResult(ResolveStored(node, argument)), argument, out Cid cid)
                && ShouldProcess($"{cid} in {node.Name}", Action)
                && TryAwait(token => RemoveAsync(node, cid, token), cid, out object? removed))
            {
                if (removed is null)
                {
                    WriteError(NotThere(cid).ToErrorRecord());
                }
                else if (PassThru)
                {
                    WriteObject(removed);
                }
            }
        }
    }
}

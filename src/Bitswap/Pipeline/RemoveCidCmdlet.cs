using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Node;

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

    /// <summary>What is done, as a person is asked.</summary>
    private protected abstract string Action { get; }

    /// <summary>Takes it away; false when it was not there.</summary>
    private protected abstract ValueTask<bool> RemoveAsync(NodeHost node, Cid cid, CancellationToken cancellationToken);

    /// <summary>That it was not there.</summary>
    private protected abstract Fault NotThere(Cid cid);

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        foreach (CidArgument argument in Filled(Cid))
        {
            if (TryAwait(_ => ValueTask.FromResult(ResolveStored(node, argument)), argument, out Cid cid)
                && ShouldProcess($"{cid} in {node.Name}", Action)
                && TryAwait(token => RemoveAsync(node.Host, cid, token), cid, out bool removed)
                && !removed)
            {
                WriteError(NotThere(cid).ToErrorRecord());
            }
        }
    }
}

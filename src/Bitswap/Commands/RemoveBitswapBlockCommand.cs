using System.Management.Automation;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Removes blocks from a node's store.</summary>
[Cmdlet(VerbsCommon.Remove, "BitswapBlock", SupportsShouldProcess = true)]
public sealed class RemoveBitswapBlockCommand : RemoveCidCmdlet
{
    private protected override string Action => "Remove block";

    // a store of the user's own may not look at the token
    private protected override ValueTask<bool> RemoveAsync(NodeHost node, Cid cid, CancellationToken cancellationToken) =>
        new(node.RemoveBlockAsync(cid, cancellationToken).AsTask().WaitAsync(cancellationToken));

    private protected override Fault NotThere(Cid cid) => Faults.BlockNotFound(cid);
}

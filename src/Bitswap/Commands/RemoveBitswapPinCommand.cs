using System.Management.Automation;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Takes pins away. The blocks stay until Clear-BitswapStore removes them.</summary>
[Cmdlet(VerbsCommon.Remove, "BitswapPin", SupportsShouldProcess = true)]
public sealed class RemoveBitswapPinCommand : RemoveCidCmdlet
{
    private protected override string Action => "Remove pin";

    private protected override ValueTask<bool> RemoveAsync(NodeHost node, Cid cid, CancellationToken cancellationToken) => node.UnpinAsync(cid, cancellationToken);

    private protected override Fault NotThere(Cid cid) => Faults.PinNotFound(cid);
}

using System.Management.Automation;
using Bitswap.Errors;
using Bitswap.Node.Content;
using Bitswap.Node.Repositories;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Takes pins away. The blocks stay until Clear-BitswapStore removes them.</summary>
[Cmdlet(VerbsCommon.Remove, "BitswapPin", SupportsShouldProcess = true)]
[OutputType(typeof(BitswapPin))]
public sealed class RemoveBitswapPinCommand : RemoveCidCmdlet
{
    private protected override string Action => "Remove pin";

    private protected override async ValueTask<object?> RemoveAsync(BitswapNode node, Cid cid, CancellationToken cancellationToken)
    {
        Pin? pin = node.Host.Pins.Find(cid);
        return await node.Host.UnpinAsync(cid, cancellationToken).ConfigureAwait(false) && pin is not null ? new BitswapPin(pin, node) : null;
    }

    private protected override Fault NotThere(Cid cid) => Faults.PinNotFound(cid);
}

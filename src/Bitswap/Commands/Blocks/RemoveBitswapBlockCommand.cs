using System.Management.Automation;
using Bitswap.Errors;
using Bitswap.Node;
using Bitswap.Node.Content;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Removes blocks from a node's store, except those that a pin keeps. A store that belongs to another program is left alone.</summary>
[Cmdlet(VerbsCommon.Remove, "BitswapBlock", SupportsShouldProcess = true)]
[OutputType(typeof(BitswapBlock))]
public sealed class RemoveBitswapBlockCommand : RemoveCidCmdlet
{
    private readonly Dictionary<NodeHost, IReadOnlySet<Multihash>> _pinned = [];

    /// <summary>
    /// Removes also blocks that are pinned or below a recursive pin: the pin stays, and is not whole then. And removes blocks from a store that was not made by
    /// this module.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override string Action => "Remove block";

    // a store of the user's own may not look at the token
    private protected override ValueTask<object?> RemoveAsync(BitswapNode node, Cid cid, CancellationToken cancellationToken) =>
        new(RemoveUnpinnedAsync(node, cid, cancellationToken).WaitAsync(cancellationToken));

    private protected override Fault NotThere(Cid cid) => Faults.NotStored(cid);

    private async Task<object?> RemoveUnpinnedAsync(BitswapNode owner, Cid cid, CancellationToken cancellationToken)
    {
        NodeHost node = owner.Host;
        if (!Force)
        {
            node.EnsureOwnStore();
            if (node.Pins.Find(cid) is not null || (await PinnedAsync(node, cancellationToken).ConfigureAwait(false)).Contains(cid.Hash))
            {
                throw new FaultException(Faults.BelowPin(cid));
            }
        }

        long? size = PassThru ? await node.Blocks.GetSizeAsync(cid, cancellationToken).ConfigureAwait(false) : null;
        return await node.RemoveBlockAsync(cid, cancellationToken).ConfigureAwait(false) ? new BitswapBlock(cid, size ?? 0, null, null, owner) : null;
    }

    // found out once for all that is piped
    private async ValueTask<IReadOnlySet<Multihash>> PinnedAsync(NodeHost node, CancellationToken cancellationToken)
    {
        if (!_pinned.TryGetValue(node, out IReadOnlySet<Multihash>? pinned))
        {
            pinned = await node.FindPinnedAsync(cancellationToken).ConfigureAwait(false);
            _pinned.Add(node, pinned);
        }

        return pinned;
    }
}

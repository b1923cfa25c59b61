using System.Management.Automation;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Makes keys, each of which names can be published with. A node with a repository keeps them there, beside its own.</summary>
[Cmdlet(VerbsCommon.New, "BitswapKey", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BitswapKey))]
public sealed class NewBitswapKeyCommand : NodeCmdlet
{
    /// <summary>What the keys are called: letters a to z, digits, '.', '-' and '_', at most 64.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        foreach (string name in Name)
        {
            if (ShouldProcess($"{name} in {node.Name}", "Make key")
                && TryAwait(token => new ValueTask<BitswapKey>(Task.Run(() => new BitswapKey(node.Host.Keys.Create(name), null, node), token)), name, out BitswapKey key))
            {
                WriteObject(key);
            }
        }
    }
}

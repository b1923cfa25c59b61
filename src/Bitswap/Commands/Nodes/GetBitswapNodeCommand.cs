using System.Management.Automation;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Gives the nodes that run in this process.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapNode")]
[OutputType(typeof(BitswapNode))]
public sealed class GetBitswapNodeCommand : BitswapCmdlet
{
    /// <summary>Names; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public string[]? Name { get; set; }

    private protected override void Process()
    {
        IReadOnlyList<BitswapNode> running = NodeRegistry.Running;
        if (Name is null)
        {
            foreach (BitswapNode node in running)
            {
                WriteObject(node);
            }

            return;
        }

        foreach (string name in Name)
        {
            WildcardPattern pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            int found = 0;
            foreach (BitswapNode node in running.Where(node => pattern.IsMatch(node.Name)))
            {
                found++;
                WriteObject(node);
            }

            if (found == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(Faults.NoNode(name).ToErrorRecord());
            }
        }
    }
}

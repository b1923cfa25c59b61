using System.Management.Automation;
using Bitswap.Completion;
using Bitswap.Node.Repositories;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Tells which keys a node has, and what is published with each.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapKey")]
[OutputType(typeof(BitswapKey))]
public sealed class GetBitswapKeyCommand : NodeCmdlet
{
    /// <summary>Only these keys; wildcards are allowed. Without it, all: the node's own, self, and then the others by the alphabet.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(KeyCompleter))]
    public string[]? Name { get; set; }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        KeyStore keys = node.Host.Keys;
        IReadOnlyList<string> all = PipelineThread.Wait(new ValueTask<IReadOnlyList<string>>(Task.Run(() => keys.Names(), StopToken)));
        foreach (string name in (Name ?? ["*"]).SelectMany(pattern => Matching(all, pattern)).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (TryAwait(token => new ValueTask<NamedKey>(Task.Run(() => keys.Get(name), token)), name, out NamedKey key))
            {
                WriteObject(new BitswapKey(key, node.Host.PublishedNames.Find(key.PeerId), node));
            }
        }
    }

    // a name without wildcards that is not there is an error of the one who asks for it
    private static IEnumerable<string> Matching(IReadOnlyList<string> all, string pattern)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(pattern))
        {
            return [pattern];
        }

        WildcardPattern wildcard = new(pattern, WildcardOptions.IgnoreCase);
        return all.Where(wildcard.IsMatch);
    }
}

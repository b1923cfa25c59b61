using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Node.Abstractions;
using Bitswap.Node.Names;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Finds what a name leads to: an IPNS name by its record, which routers and the DHT are asked for, a domain by DNSLink, which DNS is asked for.</summary>
[Cmdlet(VerbsDiagnostic.Resolve, "BitswapName")]
[OutputType(typeof(BitswapName))]
public sealed class ResolveBitswapNameCommand : NodeCmdlet
{
    /// <summary>The names, each with or without a path: k51..., docs.ipfs.tech, /ipns/name/a, ipns://name/a, or the address of a gateway.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Routers to ask, such as https://delegated-ipfs.dev, in place of all that the node was started with.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RouterCompleter))]
    public Uri[]? Router { get; set; }

    /// <summary>Ends with what the name itself stands for, when that is another name.</summary>
    [Parameter]
    public SwitchParameter NoRecurse { get; set; }

    /// <summary>Asks again for what the node remembers.</summary>
    [Parameter]
    public SwitchParameter NoCache { get; set; }

    /// <summary>How many seconds each name has, 30 by default; 0 is no limit.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 86_400.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 30;

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        NameQuestion question = new()
        {
            MayAskDns = true,
            IsRecursive = !NoRecurse,
            UsesCache = !NoCache,
            Sources = Router is null ? null : [.. Router.Distinct().Select(node.Host.Routing.RouterOf).OfType<INameSource>()],
            Limit = TimeLimit.From(TimeoutSeconds),
        };
        foreach (string name in Name)
        {
            if (TryAwait(async token => await node.Host.Names.ResolveAsync(NamePath.Parse(name), question, token).ConfigureAwait(false), name, out ResolvedName resolved))
            {
                WriteObject(new BitswapName(resolved, node));
            }
        }
    }
}

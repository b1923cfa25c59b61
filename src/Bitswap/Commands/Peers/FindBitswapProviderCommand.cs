using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Node;
using Bitswap.Pipeline;
using Bitswap.Providers;

namespace Bitswap.Commands;

/// <summary>Finds the peers that have a block: the connected ones by asking them, others by asking routers and the DHT. Nobody is asked who was not named.</summary>
[Cmdlet(VerbsCommon.Find, "BitswapProvider")]
[OutputType(typeof(BitswapProvider))]
public sealed class FindBitswapProviderCommand : NodeCmdlet
{
    private ProviderFinder _finder = null!;

    /// <summary>The blocks: CIDs as text in any base, paths such as cid/a/b, or objects that have one.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>Which sources are asked: Peers (the connected ones), Delegated (routers), Dht. By default all that there are.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public ProviderSourceKind[]? Source { get; set; }

    /// <summary>Routers to ask, such as https://delegated-ipfs.dev, in place of those that the node was started with.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(RouterCompleter))]
    public Uri[]? Router { get; set; }

    /// <summary>Dials each provider that is found and asks it whether it has the block, so that Serving tells. What was connected for that is disconnected again.</summary>
    [Parameter]
    public SwitchParameter Probe { get; set; }

    /// <summary>How many providers of each block are given, after which the search for it ends; all by default.</summary>
    [Parameter]
    [Alias("First")]
    [ValidateRange(1, int.MaxValue)]
    public int? Count { get; set; }

    /// <summary>How many seconds each source has for each block, and each provider that is probed, 30 by default; 0 is no limit.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.0, 86_400.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 30;

    /// <summary>How many peers are asked or dialled at once, 16 by default.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = 16;

    /// <summary>
    /// Asks the public network of IPFS by a node that is started for this call and stopped after it: no running node is needed or used. See -Public of Start-BitswapNode for who is
    /// asked, and so learns what is looked for.
    /// </summary>
    [Parameter]
    public SwitchParameter Public { get; set; }

    private protected override NodeOptions? CallOptions => CallOptionsOf(Public, null, isLocal: false);

    private protected override void Begin() => _finder = new ProviderFinder(
        this,
        new FindOptions
        {
            Kinds = Source,
            Routers = Router,
            Probe = Probe,
            Count = Count,
            Time = TimeLimit.From(TimeoutSeconds),
            ThrottleLimit = ThrottleLimit,
        },
        StopToken);

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        foreach (CidArgument argument in Filled(Cid))
        {
            if (TryAwait(_ => ValueTask.FromResult(Askable(ResolveFetched(node, argument, TimeLimit.From(TimeoutSeconds)))), argument.ToString(), out Cid cid))
            {
                _finder.Find(node, cid);
            }
        }
    }

    private protected override void End() => _finder.Complete();

    private protected override void Release()
    {
        _finder?.Dispose();
        base.Release();
    }
}

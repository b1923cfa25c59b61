using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Graphs;
using Bitswap.Node.Content;
using Bitswap.Node.Repositories;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Pins blocks, with all below them, so that Clear-BitswapStore leaves them alone. What is missing is fetched first: a graph that is pinned is
/// there whole.
/// </summary>
[Cmdlet(VerbsCommon.Add, "BitswapPin", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BitswapPin))]
public sealed class AddBitswapPinCommand : FetchCmdlet
{
    /// <summary>What to pin: CIDs as text in any base, paths such as cid/a/b or /ipfs/cid/a/0, or objects that have a CID.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ContentCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>What it is called, for people.</summary>
    [Parameter]
    [ValidateLength(1, PinSet.MaxNameLength)]
    public string? Name { get; set; }

    /// <summary>Pins the one block alone, and nothing below it.</summary>
    [Parameter]
    public SwitchParameter Direct { get; set; }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        GraphSource source = OpenSource(node);
        try
        {
            foreach (CidArgument argument in Filled(Cid))
            {
                if (TryAwait(_ => ValueTask.FromResult(ResolvePath(node, source.Reader, argument, source)), argument.ToString(), out Cid cid)
                    && ShouldProcess($"{cid} in {node.Name}", "Pin")
                    && TryAwait(_ => ValueTask.FromResult(Pin(node, cid, source)), cid, out BitswapPin pin))
                {
                    WriteObject(pin);
                }
            }
        }
        finally
        {
            PipelineThread.Dispose(source);
        }
    }

    private BitswapPin Pin(BitswapNode node, Cid cid, GraphSource source)
    {
        if (!Direct)
        {
            source.Expect(new GraphRange(cid, GraphScope.All));
        }

        return new BitswapPin(
            GraphRun.Run(this, "Pinning", count => node.Host.PinAsync(cid, !Direct, Name, source.Reader, count, StopToken), StopToken, source.WaitsFor), node);
    }
}

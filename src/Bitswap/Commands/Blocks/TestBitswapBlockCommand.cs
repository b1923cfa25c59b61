using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Blocks;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Multiformats;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Tells whether blocks are stored in the node, or whether peers have them. No block is transferred.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BitswapBlock")]
[OutputType(typeof(bool), typeof(BitswapBlockStatus))]
public sealed class TestBitswapBlockCommand : NodeCmdlet
{
    private PeerSelection? _only;
    private WorkPump _pump = null!;

    /// <summary>The blocks: CIDs as text in any base, paths such as cid/a/b, or objects that have one.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>Asks these peers instead of the node's own store.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[]? Peer { get; set; }

    /// <summary>Gives an object for each block and each source that was asked, in place of $true or $false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>How many seconds peers have to answer for each block, 10 by default.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.001, 86_400.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 10;

    private protected override void Begin()
    {
        _only = Peer is null ? null : new PeerSelection(Peer);
        _pump = new WorkPump(this, BlockAdder.Parallelism, ordered: true, StopToken);
    }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        IReadOnlyList<PeerId>? peers = _only?.Resolve(node, StopToken);
        foreach (CidArgument argument in Filled(Cid))
        {
            if (TryAwait(_ => ValueTask.FromResult(ResolveStored(node, argument)), argument.ToString(), out Cid cid))
            {
                _pump.Start(token => TestAsync(node, cid, peers, token));
            }
        }
    }

    private protected override void End() => _pump.Complete();

    private protected override void Release() => _pump?.Dispose();

    private async Task<Action<IPipelineSink>> TestAsync(BitswapNode node, Cid cid, IReadOnlyList<PeerId>? peers, CancellationToken cancellationToken)
    {
        try
        {
            List<BitswapBlockStatus> found = [];
            if (peers is null)
            {
                long? size = await node.Host.GetLocalSizeAsync(cid, cancellationToken).ConfigureAwait(false);
                string answer = KnownBlock.Is(cid.Hash) ? "Known" : size is not null ? "Stored" : node.Host.IsCorrupt(cid) ? "Corrupt" : "Missing";
                found.Add(new BitswapBlockStatus { Cid = cid.ToString(), Available = size is not null, Answer = answer, Size = size, Node = node.Name });
            }
            else
            {
                BitswapBlockStatus[] answers = await Task.WhenAll(
                    peers.Select(peer => PeerQuestion.AskAsync(node, cid, peer, TimeSpan.FromSeconds(TimeoutSeconds), cancellationToken))).ConfigureAwait(false);
                found.AddRange(answers);
            }

            bool available = found.Exists(status => status.Available);
            return sink =>
            {
                if (found.Exists(status => status.Answer == PeerQuestion.NotAsked))
                {
                    sink.WriteWarning(PeerQuestion.FollowsFromCid(cid));
                }

                if (!Detailed)
                {
                    sink.WriteObject(available);
                    return;
                }

                foreach (BitswapBlockStatus status in found)
                {
                    sink.WriteObject(status);
                }
            };
        }
        catch (Exception exception) when (FaultMap.TryMap(exception, cid, out Fault? fault))
        {
            return sink => sink.WriteFault(fault);
        }
    }
}

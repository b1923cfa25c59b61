using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Pings peers, as Test-Connection pings hosts.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BitswapPeer")]
[OutputType(typeof(BitswapPing), typeof(bool))]
public sealed class TestBitswapPeerCommand : NodeCmdlet
{
    /// <summary>Peer ids, addresses that end with one (dialled when not connected), or objects of Get-BitswapPeer.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PeerId")]
    [ArgumentCompleter(typeof(PeerCompleter))]
    public PeerArgument[] Peer { get; set; } = [];

    /// <summary>How many pings, 4 by default.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 4;

    /// <summary>Seconds between pings, 1 by default.</summary>
    [Parameter]
    [ValidateRange(0.0, 3600.0)]
    [Seconds]
    public double Delay { get; set; } = 1;

    /// <summary>How many seconds each ping has, 5 by default.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0.001, 3600.0)]
    [Seconds]
    public double TimeoutSeconds { get; set; } = 5;

    /// <summary>Gives $true when every ping was answered, else $false, and no objects.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        foreach (PeerArgument argument in Peer)
        {
            if (!TryAwait(_ => ValueTask.FromResult(argument.Resolve()), argument, out PeerId peer))
            {
                continue;
            }

            bool all = true;
            for (int ping = 1; ping <= Count; ping++)
            {
                if (ping > 1 && Delay > 0)
                {
                    PipelineThread.Wait(Task.Delay(TimeSpan.FromSeconds(Delay), StopToken));
                }

                (TimeSpan? latency, string status) = Ping(node, argument, peer);
                all &= latency is not null;
                if (!Quiet)
                {
                    WriteObject(new BitswapPing { Ping = ping, PeerId = peer.ToString(), Latency = latency, Status = status, Node = node.Name });
                }
            }

            if (Quiet)
            {
                WriteObject(all);
            }
        }
    }

    private (TimeSpan? Latency, string Status) Ping(BitswapNode node, PeerArgument argument, PeerId peer)
    {
        try
        {
            return (PipelineThread.Wait(TimeLimit.RunAsync(
                async token =>
                {
                    if (argument.Addresses.Count > 0 && !node.Host.IsConnected(peer))
                    {
                        await node.Host.ConnectAsync(argument.Addresses, token).ConfigureAwait(false);
                    }

                    return await node.Host.PingAsync(peer, token).ConfigureAwait(false);
                },
                TimeoutSeconds,
                peer,
                StopToken)), "Success");
        }
        catch (Exception exception) when (FaultMap.TryMap(exception, peer, out Fault? fault) && fault.ErrorId != NodeErrorIds.NodeStopped)
        {
            return (null, fault.ErrorId);
        }
    }
}

using System.Management.Automation;
using Bitswap.Errors;
using Bitswap.Node.Networks.Memory;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Makes a network in memory for tests, with faults on request. Nodes are put on it with Start-BitswapNode -Network.</summary>
[Cmdlet(VerbsCommon.New, "BitswapTestNetwork")]
[OutputType(typeof(BitswapTestNetwork))]
public sealed class NewBitswapTestNetworkCommand : BitswapCmdlet
{
    /// <summary>A number that identities and faults are made of, so that a run that failed can be had again. Without it a new one, which the output shows.</summary>
    [Parameter(Position = 0)]
    public int? Seed { get; set; }

    /// <summary>How many milliseconds what a node says takes to arrive, 0 by default.</summary>
    [Parameter]
    [Alias("Latency")]
    [ValidateRange(0.0, 60_000.0)]
    public double LatencyMilliseconds { get; set; }

    /// <summary>How many bytes a second a line carries each way; 0, the default, is no limit.</summary>
    [Parameter]
    [Alias("Bandwidth")]
    [ValidateRange(0L, 1_000_000_000_000L)]
    public long BytesPerSecond { get; set; }

    /// <summary>The chance, 0 to 1, that a message is lost, and the stream it was on with it.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double Loss { get; set; }

    /// <summary>The chance, 0 to 1, that a message arrives with one byte changed.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double Corruption { get; set; }

    private protected override void Process()
    {
        MemoryLineOptions line = new()
        {
            Latency = TimeSpan.FromMilliseconds(LatencyMilliseconds),
            BytesPerSecond = BytesPerSecond,
            Loss = Loss,
            Corruption = Corruption,
        };
        try
        {
            BitswapTestNetwork network = new(Seed ?? Random.Shared.Next(), line);
            WriteVerbose($"The seed is {network.Seed}. Use it as -Seed to create the same network again.");
            WriteObject(network);
        }
        catch (ArgumentException exception)
        {
            throw new FaultException(Faults.InvalidOption(exception.ParamName ?? "", exception.Message));
        }
    }
}

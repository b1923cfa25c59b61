using System.Management.Automation;
using Bitswap.Errors;
using Bitswap.Graphs;
using Bitswap.Node.Repositories;
using Bitswap.Nodes;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>
/// Puts the blocks of CARs, version 1 or 2, into a node. Each block is verified. Of a file that is damaged or cut short the blocks before the
/// damage are kept, and the error InvalidCar tells where it begins. What may be no block is an error of its own, and the rest is imported.
/// </summary>
[Cmdlet(VerbsData.Import, "BitswapCar", DefaultParameterSetName = "Path", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BitswapCar))]
public sealed class ImportBitswapCarCommand : NodeCmdlet
{
    /// <summary>The files; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path")]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The files, their names taken as they are written.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>
    /// Pins the roots, with all below them, once the whole file is imported. A root whose graph is not stored whole then is not pinned, and is the error
    /// DagIncomplete.
    /// </summary>
    [Parameter]
    public SwitchParameter Pin { get; set; }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        bool wildcards = ParameterSetName == "Path";
        foreach (string path in FilePaths.Resolve(this, wildcards ? Path : LiteralPath, wildcards))
        {
            if (ShouldProcess(path, $"Import into node '{node.Name}'")
                && TryAwait(_ => ValueTask.FromResult(Import(node, path)), path, out (BitswapCar Car, IReadOnlyList<Fault> Faults) import))
            {
                WriteObject(import.Car);
                foreach (Fault fault in import.Faults)
                {
                    WriteError(fault.ToErrorRecord());
                }
            }
        }
    }

    private (BitswapCar Car, IReadOnlyList<Fault> Faults) Import(BitswapNode node, string path) =>
        GraphRun.Run(this, "Reading a CAR", count => CarFile.ImportAsync(node, path, Pin, count, StopToken), StopToken);
}

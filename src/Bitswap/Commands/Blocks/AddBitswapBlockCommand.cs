using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Blocks;
using Bitswap.Completion;
using Bitswap.Errors;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Stores blocks in a node, which serves them from then on.</summary>
[Cmdlet(VerbsCommon.Add, "BitswapBlock", DefaultParameterSetName = "Data", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(BitswapBlock))]
public sealed class AddBitswapBlockCommand : NodeCmdlet
{
    private BlockInput _input = null!;
    private BlockAdder _adder = null!;
    private CidFormat _format = null!;
    private Cid? _expected;
    private BitswapNode? _bytesNode;
    private bool _hinted;

    /// <summary>The data: byte[], a string (stored as UTF-8), a stream, a file object, or a block of Get-BitswapBlock. Single bytes that are piped one after another are one block.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Data")]
    [AllowEmptyString]
    [AllowEmptyCollection]
    [Alias("InputByte", "InputStream")]
    public object InputObject { get; set; } = null!;

    /// <summary>Files; wildcards are allowed. Each file becomes one block.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Files, their names taken as they are written.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>What the data is: raw by default; dag-pb with -CidVersion 0.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CodecCompleter))]
    public string? Codec { get; set; }

    /// <summary>The hash function, sha2-256 by default.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(HashCompleter))]
    public string? HashAlgorithm { get; set; }

    /// <summary>The version of the CID, 1 by default.</summary>
    [Parameter]
    [ValidateRange(0, 1)]
    public int CidVersion { get; set; } = 1;

    /// <summary>The CID the data must have; other data is refused.</summary>
    [Parameter]
    [SingleValue]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument? Cid { get; set; }

    /// <summary>Takes blocks over 2 MiB, up to 4194286 bytes. Not every peer does.</summary>
    [Parameter]
    public SwitchParameter AllowBigBlock { get; set; }

    private protected override void Begin()
    {
        _format = new CidFormat(Codec, HashAlgorithm, CidVersion);
        _expected = Cid is null ? null : Askable(Cid.Resolve());
        _input = new BlockInput(AllowBigBlock ? BlockLimits.Sendable : BlockLimits.Portable);
        _adder = new BlockAdder(this, TimeProvider.System, StopToken);
    }

    private protected override void Process()
    {
        BitswapNode node = ResolveNode();
        if (ParameterSetName == "Data")
        {
            if (_bytesNode is not null && _bytesNode != node && _input.Flush() is { } rest)
            {
                Add(_bytesNode, rest);
            }

            _bytesNode = node;
            HintAtPath();
            foreach (Func<BlockData> data in _input.Take(InputObject, StopToken))
            {
                Add(node, data);
            }

            return;
        }

        foreach (string path in FilePaths.Resolve(this, ParameterSetName == "Path" ? Path : LiteralPath, ParameterSetName == "Path"))
        {
            Add(node, () => _input.File(path, StopToken));
        }
    }

    private protected override void End()
    {
        if (_input.Flush() is { } rest)
        {
            Add(_bytesNode ?? ResolveNode(), rest);
        }

        _adder.Complete();
    }

    private protected override void Release() => _adder?.Dispose();

    // that a text is data is a rule without exceptions
    private void HintAtPath()
    {
        if (!_hinted && Unwrap.Base(InputObject) is string text && FilePaths.IsPath(this, text))
        {
            _hinted = true;
            WriteWarning($"The text '{text}' is the path of a file, and the text itself is stored. To store the file, use Add-BitswapBlock -Path, or Add-BitswapFile for large files and folders.");
        }
    }

    private void Add(BitswapNode node, Func<BlockData> read)
    {
        try
        {
            BlockData data = read();
            if (ShouldProcess(data.Path ?? $"{data.Data.Length} bytes", $"Add to node '{node.Name}'"))
            {
                _adder.Add(node, data, _format, _expected ?? data.Expected);
            }
        }
        catch (FaultException bad)
        {
            WriteError(bad.Fault.ToErrorRecord());
        }
    }
}

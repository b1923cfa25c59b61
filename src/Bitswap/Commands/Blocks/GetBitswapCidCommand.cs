using System.Management.Automation;
using Bitswap.Binding;
using Bitswap.Blocks;
using Bitswap.Completion;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Errors;
using Bitswap.Files;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Computes the CID of data without storing it, as Get-FileHash computes a hash; or takes a CID apart and converts it. Needs no node.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapCid", DefaultParameterSetName = "Data")]
[OutputType(typeof(BitswapCidInfo))]
public sealed class GetBitswapCidCommand : BitswapCmdlet
{
    private readonly BlockInput _input = new(BlockLimits.Sendable);
    private CidFormat _format = null!;
    private MultibaseEncoding? _encoding;
    private UnixFsImportOptions? _options;
    private bool _hinted;

    /// <summary>
    /// The data: byte[], a string (as UTF-8, also one that is a CID or a path) or a stream. Single bytes that are piped one after another are one block. A file or folder
    /// object stands for its path.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Data")]
    [AllowEmptyString]
    [AllowEmptyCollection]
    [Alias("InputByte", "InputStream")]
    public object InputObject { get; set; } = null!;

    /// <summary>Files and folders; wildcards are allowed. The CID is the one that Add-BitswapFile gives.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Path")]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Files and folders, their names taken as they are written.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>CIDs to take apart or convert.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "Cid")]
    [ArgumentCompleter(typeof(CidCompleter))]
    public CidArgument[] Cid { get; set; } = [];

    /// <summary>What the data is: raw by default; dag-pb with -Version 0. Of a file, with -AsBlock.</summary>
    [Parameter(ParameterSetName = "Data")]
    [Parameter(ParameterSetName = "Path")]
    [Parameter(ParameterSetName = "LiteralPath")]
    [ArgumentCompleter(typeof(CodecCompleter))]
    public string? Codec { get; set; }

    /// <summary>The hash function, sha2-256 by default.</summary>
    [Parameter(ParameterSetName = "Data")]
    [Parameter(ParameterSetName = "Path")]
    [Parameter(ParameterSetName = "LiteralPath")]
    [ArgumentCompleter(typeof(HashCompleter))]
    public string? HashAlgorithm { get; set; }

    /// <summary>The version of the CID. By default 1 for data, and as it is for a CID.</summary>
    [Parameter]
    [Alias("CidVersion")]
    [ValidateRange(0, 1)]
    public int Version { get; set; } = 1;

    /// <summary>What decides the CID of a file or folder, as with Add-BitswapFile: unixfs-v1-2025 by default, or unixfs-v0-2015, which is ipfs add without options.</summary>
    [Parameter(ParameterSetName = "Data")]
    [Parameter(ParameterSetName = "Path")]
    [Parameter(ParameterSetName = "LiteralPath")]
    [ArgumentCompleter(typeof(ProfileCompleter))]
    public string? Profile { get; set; }

    /// <summary>Takes each file as one block, as Add-BitswapBlock does, and not as Add-BitswapFile does.</summary>
    [Parameter(ParameterSetName = "Data")]
    [Parameter(ParameterSetName = "Path")]
    [Parameter(ParameterSetName = "LiteralPath")]
    public SwitchParameter AsBlock { get; set; }

    /// <summary>The base the text is written in. By default base32, and base58btc for version 0.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(BaseCompleter))]
    public string? Base { get; set; }

    private protected override void Begin()
    {
        bool isOfFiles = ParameterSetName is "Path" or "LiteralPath" && !AsBlock;
        _format = new CidFormat(Codec, isOfFiles ? null : HashAlgorithm, ParameterSetName == "Cid" ? 1 : Version);
        if (isOfFiles || Profile is not null)
        {
            _options = ImportOptions();
        }

        if (Base is not null)
        {
            _encoding = Multibase.TryGetEncoding(Base, out MultibaseEncoding encoding)
                ? encoding
                : throw new FaultException(Faults.UnknownName("base", Base));
        }
    }

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case "Cid":
                foreach (CidArgument argument in Filled(Cid))
                {
                    Try(() => Write(Convert(argument.TakeApart()), null, null));
                }

                break;
            case "Data" when !AsBlock && Unwrap.Base(InputObject) is FileSystemInfo entry:
                Flush();
                Try(() => Import(entry.FullName));
                break;
            case "Data":
                Hint();
                foreach (Func<BlockData> data in _input.Take(InputObject, StopToken))
                {
                    Try(() => Take(data()));
                }

                break;
            case not null when AsBlock:
                foreach (string path in FilePaths.Resolve(this, ParameterSetName == "Path" ? Path : LiteralPath, ParameterSetName == "Path"))
                {
                    Try(() => Write(_input.File(path, StopToken)));
                }

                break;
            default:
                foreach (string path in FilePaths.ResolveEntries(this, ParameterSetName == "Path" ? Path : LiteralPath, ParameterSetName == "Path"))
                {
                    Try(() => Import(path));
                }

                break;
        }
    }

    private protected override void End() => Flush();

    private void Flush()
    {
        if (_input.Flush() is { } rest)
        {
            Try(() => Take(rest()));
        }
    }

    private UnixFsImportOptions ImportOptions()
    {
        if (AsBlock)
        {
            throw new FaultException(Faults.InvalidOption(nameof(Profile), "with -AsBlock, a file is not split into blocks."));
        }

        if (Codec is not null)
        {
            throw new FaultException(Faults.InvalidOption(nameof(Codec), "the import of a file sets its codecs. Use -AsBlock to treat the file as one block."));
        }

        return new ImportSettings
        {
            Profile = Profile,
            HashAlgorithm = HashAlgorithm,
            CidVersion = MyInvocation.BoundParameters.ContainsKey(nameof(Version)) ? Version : null,
        }.ToOptions();
    }

    // that it is data is a rule without exceptions: a script may hash any text
    private void Hint()
    {
        if (_hinted || Unwrap.Base(InputObject) is not string text)
        {
            return;
        }

        _hinted = true;
        if (Bitswap.Cid.TryParse(text, out _))
        {
            WriteWarning($"The text '{text}' is a CID, and the result is the CID of the text itself. To decode or convert the CID, use Get-BitswapCid -Cid {text.Trim()}");
        }
        else if (FilePaths.IsPath(this, text))
        {
            WriteWarning($"The text '{text}' is the path of a file, and the result is the CID of the text itself. To get the CID of the file, use Get-BitswapCid -Path");
        }
        else
        {
            _hinted = false;
        }
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is not BitswapException && FaultMap.TryMap(exception, null, out Fault? fault))
        {
            WriteError(fault.ToErrorRecord());
        }
    }

    private void Take(BlockData data)
    {
        if (Profile is null)
        {
            Write(data);
            return;
        }

        using UnixFsImporter importer = new(_options!, null);
        using MemoryStream content = new(data.Data.ToArray());
        Write(ImportRun.Wait(this, "Hashing", importer.Progress, token => importer.ImportAsync(content, token), StopToken).Cid, null, data.Data.Length);
    }

    private void Import(string path)
    {
        using UnixFsImporter importer = new(_options ??= ImportOptions(), null);
        UnixFsImport import = ImportRun.Wait(
            this, $"Hashing {System.IO.Path.GetFileName(path)}", importer.Progress, token => importer.ImportAsync(path, token), StopToken);
        Write(import.Cid, path, import.Size);
    }

    private void Write(BlockData data)
    {
        Cid cid = _format.Compute(data.Data.Span);
        Write(cid, data.Path, data.Data.Length);
        if (CodecNote.Of(cid, data.Data) is { } note)
        {
            WriteWarning(note);
        }
    }

    private void Write(Cid cid, string? path, long? size)
    {
        if (cid.Version == 0 && _encoding is { } encoding && encoding != MultibaseEncoding.Base58Btc)
        {
            throw new FaultException(Faults.UnsupportedCidVersion(cid, "version 0 allows only base58btc."));
        }

        WriteObject(new BitswapCidInfo(cid, _encoding, path, size));
    }

    private Cid Convert(Cid cid)
    {
        if (!MyInvocation.BoundParameters.ContainsKey(nameof(Version)))
        {
            return cid;
        }

        if (Version == 1)
        {
            return cid.ToV1();
        }

        return cid.Version == 0 || (cid.Codec == Multicodec.DagPb && cid.Hash.Code == MultihashCode.Sha256 && cid.Hash.Digest.Length == 32)
            ? cid.ToV0()
            : throw new FaultException(Faults.UnsupportedCidVersion(cid, $"{cid.CodecName} with {Multicodec.Name(cid.Hash.Code)} has no version 0."));
    }
}

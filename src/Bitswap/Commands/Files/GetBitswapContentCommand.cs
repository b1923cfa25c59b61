using System.Management.Automation;
using System.Text;
using Bitswap.Completion;
using Bitswap.Dag.UnixFs.FileSystem;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Errors;
using Bitswap.Files;
using Bitswap.Graphs;
using Bitswap.Pipeline;

namespace Bitswap.Commands;

/// <summary>Gives what is in a file, as Get-Content does: lines of text, or all of it as one string or as bytes. Of a range, only the blocks that hold it are fetched.</summary>
[Cmdlet(VerbsCommon.Get, "BitswapContent", DefaultParameterSetName = "Line")]
[OutputType(typeof(string), ParameterSetName = ["Line", "String"])]
[OutputType(typeof(byte[]), ParameterSetName = ["Raw"])]
[OutputType(typeof(byte), ParameterSetName = ["Byte"])]
public sealed class GetBitswapContentCommand : ContentCmdlet
{
    /// <summary>The most bytes that one object is made of.</summary>
    internal const int MaxObject = 1 << 30;

    private string? _file;
    private bool _isFileTaken;
    private Encoding _encoding = System.Text.Encoding.UTF8;

    /// <summary>The first byte to give, 0 by default. Past the end of the file there is nothing.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long Offset { get; set; }

    /// <summary>How many bytes to give at most; all to the end by default.</summary>
    [Parameter]
    [ValidateRange(0L, long.MaxValue)]
    public long Count { get; set; } = long.MaxValue;

    /// <summary>How the text is written, UTF-8 by default.</summary>
    [Parameter(ParameterSetName = "Line")]
    [Parameter(ParameterSetName = "String")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public string Encoding { get; set; } = "utf8";

    /// <summary>Gives the text as one string, ends of lines and all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "String")]
    public SwitchParameter AsString { get; set; }

    /// <summary>Gives the bytes as one byte[].</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Raw")]
    public SwitchParameter Raw { get; set; }

    /// <summary>Gives the bytes one by one, for Set-Content -AsByteStream and its like.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Byte")]
    public SwitchParameter AsByteStream { get; set; }

    /// <summary>Writes the bytes to this file, in the place of one that is there, and gives nothing.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "File")]
    [ValidateNotNullOrEmpty]
    public string? OutFile { get; set; }

    private protected override bool IsPassing => OutFile is not null;

    private protected override void Begin()
    {
        _encoding = ContentEncoding.Find(Encoding);
        _file = OutFile is null ? null : GetUnresolvedProviderPathFromPSPath(OutFile);
    }

    private protected override void Read(GraphSource source, UnixFsReader reader, ContentPath path)
    {
        Cid cid = ResolvePath(reader, path, source);
        if (Count > 0)
        {
            source.Expect(new GraphRange(cid, GraphScope.Entity) { From = Offset, Count = Count == long.MaxValue ? null : Count });
        }

        IAsyncEnumerable<ReadOnlyMemory<byte>> content = reader.ReadAsync(cid, Offset, Count == long.MaxValue ? null : Count, StopToken);
        if (_file is not null)
        {
            WriteFile(_file, content, source);
            return;
        }

        IEnumerable<ReadOnlyMemory<byte>> pieces = Each(content, source, path.ToString());
        if (Raw || AsString)
        {
            WriteWhole(path, pieces);
        }
        else if (AsByteStream)
        {
            foreach (ReadOnlyMemory<byte> piece in pieces)
            {
                WriteObject(piece.ToArray(), enumerateCollection: true);
            }
        }
        else
        {
            WriteLines(path, pieces);
        }
    }

    private void WriteFile(string path, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, GraphSource source)
    {
        if (_isFileTaken)
        {
            throw new FaultException(Faults.ContentFileTaken(path));
        }

        _isFileTaken = true;
        WorkCount written = new();
        try
        {
            Task writing = WholeFile.WriteAsync(path, replace: true, 0, CopyAsync, StopToken);
            using ProgressMeter meter = new(this, $"Writing {Display.Short(System.IO.Path.GetFileName(path))}", TimeProvider.System) { WaitsFor = source.WaitsFor };
            try
            {
                meter.Follow(writing, shown => shown.MoveTo(written.Items, written.Bytes));
            }
            finally
            {
                // what is stopped while it shows how far it is leaves no reader behind
                PipelineThread.Wait(writing, Timeout.InfiniteTimeSpan);
            }

            PipelineThread.Wait(writing);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new FaultException(Faults.OutFileFailed(path, cause));
        }

        async Task CopyAsync(Stream file)
        {
            await foreach (ReadOnlyMemory<byte> piece in pieces.WithCancellation(StopToken).ConfigureAwait(false))
            {
                await file.WriteAsync(piece, StopToken).ConfigureAwait(false);
                written.Add(piece.Length);
            }
        }
    }

    private void WriteWhole(ContentPath path, IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        using MemoryStream whole = new();
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            if (whole.Length + piece.Length > MaxObject)
            {
                throw new FaultException(Faults.ContentTooLarge(path, MaxObject));
            }

            whole.Write(piece.Span);
        }

        if (Raw)
        {
            WriteObject(whole.ToArray(), enumerateCollection: false);
            return;
        }

        ReadOnlySpan<byte> bytes = whole.GetBuffer().AsSpan(0, (int)whole.Length);
        ReadOnlySpan<byte> mark = _encoding.Preamble;
        WriteObject(_encoding.GetString(mark.Length > 0 && bytes.StartsWith(mark) ? bytes[mark.Length..] : bytes));
    }

    private void WriteLines(ContentPath path, IEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        TextLines lines = new(_encoding, MaxObject / sizeof(char));
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            foreach (string line in lines.Take(piece))
            {
                WriteObject(line);
            }

            if (lines.IsTooLong)
            {
                throw new FaultException(Faults.ContentTooLarge(path, MaxObject));
            }
        }

        foreach (string line in lines.Complete())
        {
            WriteObject(line);
        }
    }
}

using System.IO.Pipelines;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Node.Content;
using Bitswap.Pipeline;

namespace Bitswap.Files;

/// <summary>A file that comes through the pipeline byte by byte, or in pieces: it is imported while it comes, in constant memory.</summary>
internal sealed class PipedBytes
{
    private const int Piece = 64 * 1024;
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 16 * Piece, resumeWriterThreshold: 8 * Piece, minimumSegmentSize: Piece, useSynchronizationContext: false));
    private int _unflushed;
    private bool _isOver;

    /// <summary>Starts an import of what is added from now on.</summary>
    /// <param name="import">The import, which does nothing else meanwhile.</param>
    /// <param name="stopping">Cancels it.</param>
    public PipedBytes(NodeImport import, CancellationToken stopping)
    {
        Import = import;
        Result = RunAsync(stopping);
    }

    /// <summary>The import.</summary>
    public NodeImport Import { get; }

    /// <summary>What comes of it, once <see cref="Complete"/> was called or it has failed.</summary>
    public Task<UnixFsImport> Result { get; }

    /// <summary>Adds bytes, and waits while too many are on their way. Those that come after a failure are dropped: <see cref="Result"/> tells of it.</summary>
    public void Add(ReadOnlySpan<byte> bytes, CancellationToken stopping)
    {
        while (!bytes.IsEmpty && !_isOver)
        {
            ReadOnlySpan<byte> some = bytes[..Math.Min(bytes.Length, Piece)];
            bytes = bytes[some.Length..];
            some.CopyTo(_pipe.Writer.GetSpan(some.Length));
            _pipe.Writer.Advance(some.Length);
            _unflushed += some.Length;
            if (_unflushed >= Piece)
            {
                _unflushed = 0;
                _isOver = PipelineThread.Wait(_pipe.Writer.FlushAsync(stopping)).IsCompleted;
            }
        }
    }

    /// <summary>That was all.</summary>
    public void Complete() => _pipe.Writer.Complete();

    private async Task<UnixFsImport> RunAsync(CancellationToken stopping)
    {
        try
        {
            return await Import.AddAsync(_pipe.Reader.AsStream(leaveOpen: true), stopping).ConfigureAwait(false);
        }
        finally
        {
            // who writes still is not to wait for a reader that is gone
            await _pipe.Reader.CompleteAsync().ConfigureAwait(false);
        }
    }
}

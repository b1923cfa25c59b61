using Bitswap.Dag.UnixFs.Import.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>
/// Represents the leaves of a file that is cut by size: it is known where each begins, so each is read, hashed and written by a task of its own, on
/// whichever core is free.
/// </summary>
internal sealed class SizedLeaves : LeafStream
{
    // A pool thread begins with what it queued last, so the leaf that all wait for would be the last of its round, and cores would wait for it.
    private const TaskCreationOptions InOrder = TaskCreationOptions.DenyChildAttach | TaskCreationOptions.PreferFairness;

    private readonly ImportContext _context;
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly long _length;
    private readonly EntryAttributes _attributes;
    private long _offset;
    private bool _any;

    public SizedLeaves(
        ImportContext context, SafeFileHandle file, string path, long length, EntryAttributes attributes, CancellationToken cancellationToken)
        : base(context.Pool.Places, cancellationToken)
    {
        _context = context;
        _file = file;
        _path = path;
        _length = length;
        _attributes = attributes;
    }

    private protected override ValueTask<Task<DagEntry>?> StartNextAsync()
    {
        if (_offset == _length && (_any || !_context.EmptyHasLeaf))
        {
            return new ValueTask<Task<DagEntry>?>((Task<DagEntry>?)null);
        }

        _any = true;
        long offset = _offset;
        int length = (int)Math.Min(_context.Profile.Chunker.MaxSize, _length - offset);
        _offset += length;

        // a small file is already on a task of its own
        Task<DagEntry> leaf = length == _length
            ? ReadAsync(offset, length, StopToken)
            : Task.Factory.StartNew(() => ReadAsync(offset, length, StopToken), StopToken, InOrder, TaskScheduler.Default).Unwrap();
        return new ValueTask<Task<DagEntry>?>(leaf);
    }

    private async Task<DagEntry> ReadAsync(long offset, int length, CancellationToken cancellationToken)
    {
        byte[] buffer = await _context.Pool.RentAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            LeafFrame frame = _context.Frame(length, length == _length, _attributes);
            Fill(buffer.AsSpan(frame.DataOffset, length), offset);
            return await _context.WriteLeafAsync(buffer, frame, length, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _context.Pool.Return(buffer);
        }
    }

    private void Fill(Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            int count = RandomAccess.Read(_file, destination, offset);
            if (count == 0)
            {
                throw ImportErrors.Changed(_path, $"it ended at {offset} of {_length} bytes");
            }

            destination = destination[count..];
            offset += count;
        }
    }
}

using System.Buffers;

namespace Bitswap.Dag.UnixFs.Import.Building;

/// <summary>Represents the leaves of a stream, or of a file that is cut by content: read and cut in order, hashed and written on all cores.</summary>
internal sealed class ChunkedLeaves : LeafStream
{
    private readonly ImportContext _context;
    private readonly Stream _source;
    private readonly EntryAttributes _attributes;
    private readonly int _max;
    private readonly byte[] _window;
    private int _start;
    private int _end;
    private bool _sourceEnded;
    private bool _any;

    public ChunkedLeaves(ImportContext context, Stream source, EntryAttributes attributes, CancellationToken cancellationToken)
        : base(context.Pool.Places, cancellationToken)
    {
        _context = context;
        _source = source;
        _attributes = attributes;
        _max = context.Profile.Chunker.MaxSize;

        // one byte more than a chunk shows whether a chunk is the last
        _window = ArrayPool<byte>.Shared.Rent((2 * _max) + 1);
    }

    public void Release() => ArrayPool<byte>.Shared.Return(_window);

    private protected override async ValueTask<Task<DagEntry>?> StartNextAsync()
    {
        await FillAsync().ConfigureAwait(false);
        if (_start == _end && (_any || !_context.EmptyHasLeaf))
        {
            return null;
        }

        byte[] buffer = await _context.Pool.RentAsync(StopToken).ConfigureAwait(false);
        int length = _start == _end ? 0 : _context.Profile.Chunker.FindCut(_window.AsSpan(_start, Math.Min(_max, _end - _start)));
        bool whole = !_any && _sourceEnded && length == _end - _start;
        LeafFrame frame = _context.Frame(length, whole, _attributes);
        _window.AsSpan(_start, length).CopyTo(buffer.AsSpan(frame.DataOffset));
        _start += length;
        _any = true;
        CancellationToken token = StopToken;

        // Not cancelled before it begins: it has a buffer to give back.
        return Task.Run(() => WriteAsync(buffer, frame, length, token), CancellationToken.None);
    }

    private async Task<DagEntry> WriteAsync(byte[] buffer, LeafFrame frame, int length, CancellationToken cancellationToken)
    {
        try
        {
            return await _context.WriteLeafAsync(buffer, frame, length, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _context.Pool.Return(buffer);
        }
    }

    private async ValueTask FillAsync()
    {
        if (_sourceEnded || _end - _start > _max)
        {
            return;
        }

        _window.AsSpan(_start.._end).CopyTo(_window);
        _end -= _start;
        _start = 0;
        while (!_sourceEnded && _end <= _max)
        {
            int count = await _source.ReadAsync(_window.AsMemory(_end), StopToken).ConfigureAwait(false);
            _sourceEnded = count == 0;
            _end += count;
        }
    }
}

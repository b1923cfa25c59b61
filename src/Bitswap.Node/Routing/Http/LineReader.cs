using System.Buffers;

namespace Bitswap.Node.Routing.Http;

/// <summary>Cuts what is read into lines, and leaves out those that are too long.</summary>
/// <param name="read">Reads some bytes; 0 at the end.</param>
/// <param name="maxLine">The longest line, in bytes without its end.</param>
internal sealed class LineReader(Func<Memory<byte>, ValueTask<int>> read, int maxLine) : IDisposable
{
    private const int FirstBuffer = 4096;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int _start;
    private int _end;
    private bool _isSkipping;
    private bool _isOver;

    /// <summary>Lines that were too long.</summary>
    public int Skipped { get; private set; }

    /// <summary>Returns the next line that is not blank, valid until the next call; null at the end.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync()
    {
        int searched = 0;
        while (true)
        {
            int at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (at >= 0 || (_isOver && _end > _start))
            {
                int length = at >= 0 ? searched + at : _end - _start;
                ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
                _start += at >= 0 ? length + 1 : length;
                searched = 0;
                if (Take(line) is { } taken)
                {
                    return taken;
                }

                continue;
            }

            if (_isOver)
            {
                return null;
            }

            searched = _end - _start;
            if (searched > maxLine || _isSkipping)
            {
                // The rest of it, until its end, goes the same way.
                Skipped += _isSkipping ? 0 : 1;
                _isSkipping = true;
                _start = _end;
                searched = 0;
            }

            MakeRoom();
            int count = await read(_buffer.AsMemory(_end)).ConfigureAwait(false);
            _end += count;
            _isOver = count == 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
        _isOver = true;
    }

    private ReadOnlyMemory<byte>? Take(ReadOnlyMemory<byte> line)
    {
        if (_isSkipping)
        {
            _isSkipping = false;
            return null;
        }

        if (line.Length > maxLine)
        {
            Skipped++;
            return null;
        }

        ReadOnlyMemory<byte> text = line.Trim(" \t\r"u8);
        return text.IsEmpty ? (ReadOnlyMemory<byte>?)null : text;
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }

        int kept = _end - _start;
        byte[] target = kept > _buffer.Length / 2 ? ArrayPool<byte>.Shared.Rent(2 * _buffer.Length) : _buffer;
        _buffer.AsSpan(_start, kept).CopyTo(target);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        _start = 0;
        _end = kept;
    }
}

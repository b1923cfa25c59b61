using System.Text;

namespace Bitswap.Files;

/// <summary>Makes lines of text of bytes that come in pieces, wherever these are cut. A byte order mark at the start is no text.</summary>
/// <param name="encoding">How the text is written.</param>
/// <param name="maxLength">The most characters that a line may have.</param>
internal sealed class TextLines(Encoding encoding, int maxLength)
{
    private readonly Decoder _decoder = encoding.GetDecoder();
    private readonly StringBuilder _line = new();
    private char[] _chars = [];
    private bool _begun;
    private bool _afterReturn;

    /// <summary>Whether a line has become longer than is allowed: nothing more is taken.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The lines that end in a piece.</summary>
    public IEnumerable<string> Take(ReadOnlyMemory<byte> piece) => Split(Decode(piece.Span, flush: false));

    /// <summary>What follows the last end of a line, if anything does.</summary>
    public IEnumerable<string> Complete()
    {
        foreach (string line in Split(Decode([], flush: true)))
        {
            yield return line;
        }

        if (_line.Length > 0)
        {
            yield return _line.ToString();
        }
    }

    private int Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        int most = encoding.GetMaxCharCount(bytes.Length);
        if (_chars.Length < most)
        {
            _chars = new char[most];
        }

        return _decoder.GetChars(bytes, _chars, flush);
    }

    private IEnumerable<string> Split(int count)
    {
        int start = 0;
        if (!_begun && count > 0)
        {
            _begun = true;
            start = _chars[0] == '\uFEFF' ? 1 : 0;
        }

        while (start < count)
        {
            if (_afterReturn)
            {
                _afterReturn = false;
                if (_chars[start] == '\n')
                {
                    start++;
                    continue;
                }
            }

            int end = _chars.AsSpan(start, count - start).IndexOfAny('\r', '\n');
            int length = end < 0 ? count - start : end;
            if (_line.Length + length > maxLength)
            {
                IsTooLong = true;
                yield break;
            }

            _line.Append(_chars, start, length);
            if (end < 0)
            {
                yield break;
            }

            _afterReturn = _chars[start + end] == '\r';
            start += end + 1;
            string line = _line.ToString();
            _line.Clear();
            yield return line;
        }
    }
}

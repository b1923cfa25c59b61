using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Yamux;

/// <summary>
/// Cuts the plaintext of a connection into frames, wherever the pieces it comes in begin and end. Payload is passed on as it comes, never
/// collected.
/// </summary>
internal sealed class YamuxFrameParser(YamuxSession session)
{
    private readonly byte[] _header = new byte[YamuxHeader.Size];
    private int _headerBytes;
    private uint _payloadLeft;
    private bool _finFollows;
    private YamuxStream? _stream;

    /// <summary>True when nothing of a frame is outstanding.</summary>
    public bool IsAtBoundary => _headerBytes == 0 && _payloadLeft == 0;

    /// <summary>Consumes all of <paramref name="input"/>.</summary>
    /// <exception cref="Libp2pException">ProtocolViolation.</exception>
    public void Parse(ReadOnlySpan<byte> input)
    {
        while (!input.IsEmpty)
        {
            if (_payloadLeft > 0)
            {
                int count = (int)Math.Min(_payloadLeft, (uint)input.Length);
                session.OnPayload(_stream, input[..count]);
                input = input[count..];
                _payloadLeft -= (uint)count;
                if (_payloadLeft == 0)
                {
                    EndFrame();
                }
            }
            else if (_headerBytes == 0 && input.Length >= YamuxHeader.Size)
            {
                Begin(YamuxHeader.Read(input));
                input = input[YamuxHeader.Size..];
            }
            else
            {
                int count = Math.Min(YamuxHeader.Size - _headerBytes, input.Length);
                input[..count].CopyTo(_header.AsSpan(_headerBytes));
                input = input[count..];
                _headerBytes += count;
                if (_headerBytes == YamuxHeader.Size)
                {
                    _headerBytes = 0;
                    Begin(YamuxHeader.Read(_header));
                }
            }
        }
    }

    private void Begin(YamuxHeader header)
    {
        _stream = session.OnHeader(header);
        _finFollows = header.Has(YamuxFlags.Fin);
        _payloadLeft = header.Type == YamuxFrameType.Data ? header.Length : 0;
        if (_payloadLeft == 0)
        {
            EndFrame();
        }
    }

    private void EndFrame()
    {
        if (_finFollows && _stream is not null)
        {
            session.OnFin(_stream);
        }
        _stream = null;
    }
}

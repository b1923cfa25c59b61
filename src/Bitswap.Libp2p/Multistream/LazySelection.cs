using System.Buffers;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Multistream;

/// <summary>
/// Represents a channel whose protocol is proposed along with the first data instead of before it, for a dialer that has a single protocol to propose
/// and reason to think it is spoken: it costs no round trip. The answer is checked by the first read, which fails when the other side refused.
/// One reader and one writer at a time; they may be two tasks.
/// </summary>
internal sealed class LazySelection : IByteChannel, IDisposable
{
    // so much of the first data goes into one write with the proposal
    private const int MaxJoined = 16 * 1024;

    private readonly IByteChannel _channel;
    private readonly byte[] _text;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly MultistreamReader _reader;
    private volatile State _state;
    private bool _greeted;
    private volatile bool _granted;
    private bool _refused;

    public LazySelection(IByteChannel channel, string protocol)
    {
        _channel = channel;
        _text = MultistreamMessage.Encode(protocol);
        _reader = new MultistreamReader(channel);
        Protocol = protocol;
    }

    private enum State
    {
        Unsent,
        Sent,
        Broken,
    }

    /// <summary>Gets the protocol that is proposed.</summary>
    public string Protocol { get; }

    /// <summary>Gets whether the other side has granted it, as far as was read.</summary>
    public bool IsGranted => _granted;

    /// <summary>Sends the proposal if that is still to be done, for a dialer that half-closes or waits without having written.</summary>
    public ValueTask ProposeAsync(CancellationToken ct) => _state == State.Sent ? ValueTask.CompletedTask : ProposeWithAsync(default, ct);

    /// <inheritdoc/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct) =>
        _state == State.Sent ? _channel.WriteAsync(data, ct) : ProposeWithAsync(data, ct);

    /// <inheritdoc/>
    /// <exception cref="Libp2pException">ProtocolNotSupported: the other side refused. NegotiationFailed: it broke the rules or ended.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken ct) =>
        _granted ? _channel.ReadAsync(destination, ct) : ConfirmThenReadAsync(destination, ct);

    /// <summary>Gives the negotiation's buffer back. No operation may be under way; the channel beneath stays open.</summary>
    public void Dispose()
    {
        _reader.Dispose();
        _turn.Dispose();
    }

    private async ValueTask<int> ConfirmThenReadAsync(Memory<byte> destination, CancellationToken ct)
    {
        if (_refused)
        {
            throw MultistreamSelect.Refused([Protocol]);
        }
        await ProposeAsync(ct).ConfigureAwait(false);
        if (!_greeted)
        {
            await _reader.ReadHeaderAsync(ct).ConfigureAwait(false);
            _greeted = true;
        }
        ReadOnlyMemory<byte> reply = await _reader.ReadAsync(ct).ConfigureAwait(false);
        if (!MultistreamMessage.IsGranted(reply.Span, _text))
        {
            _refused = true;
            throw MultistreamSelect.Refused([Protocol]);
        }
        _granted = true;
        _reader.Dispose();
        return await _channel.ReadAsync(destination, ct).ConfigureAwait(false);
    }

    private async ValueTask ProposeWithAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        await _turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (_state == State.Broken)
            {
                throw MultistreamMessage.Failed("the proposal was not sent as a whole");
            }
            if (_state == State.Unsent)
            {
                ReadOnlyMemory<byte> joined = data[..Math.Min(data.Length, MaxJoined)];
                data = data[joined.Length..];
                // until it is out, how much of it is is not known
                _state = State.Broken;
                await SendProposalAsync(joined, ct).ConfigureAwait(false);
                _state = State.Sent;
            }
            if (!data.IsEmpty)
            {
                await _channel.WriteAsync(data, ct).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask SendProposalAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        ArrayBufferWriter<byte> proposal = new(64 + _text.Length + data.Length);
        MultistreamMessage.Append(proposal, MultistreamMessage.Header);
        MultistreamMessage.Append(proposal, _text);
        proposal.Write(data.Span);
        await _channel.WriteAsync(proposal.WrittenMemory, ct).ConfigureAwait(false);
    }
}

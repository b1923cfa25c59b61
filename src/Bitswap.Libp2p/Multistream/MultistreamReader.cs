using System.Buffers;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Multistream;

/// <summary>
/// Reads messages and not a byte more, since what follows may be for another reader already. What a cancelled read has got so far is kept
/// for the next one.
/// </summary>
internal sealed class MultistreamReader(IByteChannel channel) : IDisposable
{
    // the largest message has a two-byte prefix; a longer one is over the limit whatever it says
    private const int MaxPrefix = 2;

    // bytes by which it can be told what does not greet
    private const int Telling = 3;

    private static readonly byte[] _greeting = [(byte)(MultistreamMessage.Header.Length + 1), .. MultistreamMessage.Header, MultistreamMessage.NewLine];

    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(MaxPrefix + MultistreamMessage.MaxLength);
    private int _have;

    /// <summary>Reads one message.</summary>
    /// <returns>The text without its newline, valid until the next call.</returns>
    /// <exception cref="Libp2pException">NegotiationFailed: it is too long, is no message, or the other side ended.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken ct)
    {
        byte[] buffer = _buffer ?? throw new ObjectDisposedException(nameof(MultistreamReader));
        while (true)
        {
            int needed = Needed(buffer.AsSpan(0, _have), out int prefix);
            if (_have == needed)
            {
                _have = 0;
                return buffer[needed - 1] == MultistreamMessage.NewLine
                    ? buffer.AsMemory(prefix, needed - prefix - 1)
                    : throw MultistreamMessage.Failed("a message does not end with a newline");
            }
            int count = await channel.ReadAsync(buffer.AsMemory(_have, needed - _have), ct).ConfigureAwait(false);
            if (count == 0)
            {
                throw Ended();
            }
            _have += count;
        }
    }

    /// <summary>Reads the other side's greeting. Something else is known for that by its first bytes, so that no length is believed that they would make.</summary>
    /// <exception cref="NoGreetingException">It is something else.</exception>
    /// <exception cref="Libp2pException">NegotiationFailed: the other side ended.</exception>
    public async ValueTask ReadHeaderAsync(CancellationToken ct)
    {
        byte[] buffer = _buffer ?? throw new ObjectDisposedException(nameof(MultistreamReader));
        bool isGreeting = true;
        while (isGreeting ? _have < _greeting.Length : _have < Telling)
        {
            int count = await channel.ReadAsync(buffer.AsMemory(_have, _greeting.Length - _have), ct).ConfigureAwait(false);
            if (count == 0)
            {
                break;
            }
            _have += count;
            isGreeting = _greeting.AsSpan().StartsWith(buffer.AsSpan(0, _have));
        }
        int have = _have;
        _have = 0;
        if (!isGreeting)
        {
            throw new NoGreetingException(buffer.AsSpan(0, have));
        }
        if (have < _greeting.Length)
        {
            throw Ended();
        }
    }

    /// <summary>Gives the buffer back. No read may be under way.</summary>
    public void Dispose()
    {
        byte[]? buffer = Interlocked.Exchange(ref _buffer, null);
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Libp2pException Ended() => MultistreamMessage.Failed("the other side ended in the middle of it");

    /// <summary>Returns how many bytes of the message to have next: its prefix first, then all of it.</summary>
    private static int Needed(ReadOnlySpan<byte> have, out int prefix)
    {
        prefix = have is [>= 0x80, ..] ? 2 : 1;
        if (have.Length < prefix)
        {
            return prefix;
        }
        int length = have[0] & 0x7f;
        if (prefix == 2)
        {
            if (have[1] == 0)
            {
                throw MultistreamMessage.Failed("a message length is not minimal");
            }
            if (have[1] >= 0x80)
            {
                throw MultistreamMessage.Failed($"a message is longer than {MultistreamMessage.MaxLength} bytes");
            }
            length |= have[1] << 7;
        }
        return length is 0 or > MultistreamMessage.MaxLength
            ? throw MultistreamMessage.Failed($"a message claims {length} bytes, 1 to {MultistreamMessage.MaxLength} are allowed")
            : prefix + length;
    }
}

/// <summary>Represents the error of another side that begins with something else than the greeting of multistream-select.</summary>
/// <param name="first">Its first bytes.</param>
internal sealed class NoGreetingException(ReadOnlySpan<byte> first)
    : Libp2pException(Libp2pErrorIds.NegotiationFailed, $"The protocol negotiation failed: the other side greets with '{MultistreamMessage.Printable(first)}'.")
{
    // the record of an alert, of any version of TLS
    private static readonly byte[] _tlsAlert = [0x15, 0x03];

    private static readonly System.Buffers.SearchValues<byte> _text = System.Buffers.SearchValues.Create([.. "\r\n\t"u8, .. Enumerable.Range(' ', '~' - ' ' + 1).Select(letter => (byte)letter)]);

    /// <summary>Gets whether it answers in TLS, as a web server does.</summary>
    public bool IsTls { get; } = first.StartsWith(_tlsAlert);

    /// <summary>Gets whether it is no text, so that it may be encrypted.</summary>
    public bool IsBinary { get; } = first.ContainsAnyExcept(_text);
}

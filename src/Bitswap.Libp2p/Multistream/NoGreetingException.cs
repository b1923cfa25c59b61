using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Multistream;

/// <summary>The other side begins with something else than the greeting of multistream-select.</summary>
/// <param name="first">Its first bytes.</param>
internal sealed class NoGreetingException(ReadOnlySpan<byte> first)
    : Libp2pException(Libp2pErrorIds.NegotiationFailed, $"The protocol negotiation failed: the other side greets with '{MultistreamMessage.Printable(first)}'.")
{
    // the record of an alert, of any version of TLS
    private static readonly byte[] _tlsAlert = [0x15, 0x03];

    private static readonly System.Buffers.SearchValues<byte> _text = System.Buffers.SearchValues.Create([.. "\r\n\t"u8, .. Enumerable.Range(' ', '~' - ' ' + 1).Select(letter => (byte)letter)]);

    /// <summary>Whether it answers in TLS, as a web server does.</summary>
    public bool IsTls { get; } = first.StartsWith(_tlsAlert);

    /// <summary>Whether it is no text, so that it may be encrypted.</summary>
    public bool IsBinary { get; } = first.ContainsAnyExcept(_text);
}

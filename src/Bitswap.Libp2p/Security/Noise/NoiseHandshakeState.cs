using System.Security.Cryptography;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Security.Noise;

/// <summary>
/// Represents the messages of the XX pattern (Noise specification, sections 5.3 and 7.5), without any I/O and with all keys given:
/// <c>-> e</c>, <c>&lt;- e, ee, s, es</c>, <c>-> s, se</c>.
/// </summary>
internal sealed class NoiseHandshakeState : IDisposable
{
    private const int Messages = 3;

    private readonly bool _isInitiator;
    private readonly NoiseKeyPair _static;
    private readonly NoiseKeyPair _ephemeral;
    private readonly NoiseSymmetricState _symmetric;
    private readonly byte[] _remoteStatic = new byte[NoiseConstants.KeyLength];
    private readonly byte[] _remoteEphemeral = new byte[NoiseConstants.KeyLength];
    private int _message;

    /// <summary>Starts a handshake. The key pairs stay the caller's to dispose.</summary>
    public NoiseHandshakeState(bool isInitiator, NoiseKeyPair staticKey, NoiseKeyPair ephemeralKey, ReadOnlySpan<byte> prologue)
    {
        _isInitiator = isInitiator;
        _static = staticKey;
        _ephemeral = ephemeralKey;
        _symmetric = new NoiseSymmetricState(prologue);
    }

    private enum Token
    {
        E,
        S,
        EE,
        ES,
        SE,
    }

    /// <summary>Gets whether it is this side that sends the next message.</summary>
    public bool IsMyTurn => _message < Messages && _message % 2 == (_isInitiator ? 0 : 1);

    /// <summary>Gets whether all messages have passed.</summary>
    public bool IsComplete => _message == Messages;

    /// <summary>Gets the other side's static key, once it was received.</summary>
    public ReadOnlySpan<byte> RemoteStatic => _remoteStatic;

    /// <summary>Gets the hash of the whole handshake.</summary>
    public ReadOnlySpan<byte> HandshakeHash => _symmetric.Hash;

    /// <summary>Returns what message <paramref name="number"/> (0, 1, 2) is longer than its payload by.</summary>
    public static int Overhead(int number) => number switch
    {
        0 => NoiseConstants.KeyLength,
        1 => (2 * NoiseConstants.KeyLength) + (2 * NoiseConstants.TagLength),
        _ => NoiseConstants.KeyLength + (2 * NoiseConstants.TagLength),
    };

    /// <summary>Writes the next message to the front of <paramref name="message"/>.</summary>
    /// <returns>The number of bytes written.</returns>
    public int WriteMessage(ReadOnlySpan<byte> payload, Span<byte> message)
    {
        if (!IsMyTurn)
        {
            throw new InvalidOperationException("The other side is to send the next handshake message.");
        }
        int length = 0;
        foreach (Token token in Tokens(_message))
        {
            switch (token)
            {
                case Token.E:
                    _ephemeral.PublicKey.CopyTo(message[length..]);
                    _symmetric.MixHash(_ephemeral.PublicKey);
                    length += NoiseConstants.KeyLength;
                    break;
                case Token.S:
                    length += _symmetric.EncryptAndHash(_static.PublicKey, message[length..]);
                    break;
                default:
                    MixAgreement(token);
                    break;
            }
        }
        length += _symmetric.EncryptAndHash(payload, message[length..]);
        _message++;
        return length;
    }

    /// <summary>Reads the next message; <paramref name="payload"/> has to be as large as it.</summary>
    /// <returns>The length of its payload.</returns>
    /// <exception cref="Libp2pException">HandshakeFailed: it is too short, was changed on its way, or its keys are worthless.</exception>
    public int ReadMessage(ReadOnlySpan<byte> message, Span<byte> payload)
    {
        if (IsMyTurn || IsComplete)
        {
            throw new InvalidOperationException("The other side is not to send a handshake message.");
        }
        if (message.Length < Overhead(_message))
        {
            throw Failed($"message {_message + 1} has {message.Length} bytes, at least {Overhead(_message)} are needed");
        }
        foreach (Token token in Tokens(_message))
        {
            switch (token)
            {
                case Token.E:
                    message[..NoiseConstants.KeyLength].CopyTo(_remoteEphemeral);
                    message = message[NoiseConstants.KeyLength..];
                    _symmetric.MixHash(_remoteEphemeral);
                    break;
                case Token.S:
                    ReadStatic(ref message);
                    break;
                default:
                    MixAgreement(token);
                    break;
            }
        }
        int length = _symmetric.DecryptAndHash(message, payload);
        if (length < 0)
        {
            throw Failed($"the payload of message {_message + 1} is not authentic");
        }
        _message++;
        return length;
    }

    /// <summary>Returns the ciphers of the connection that begins; the caller owns them.</summary>
    public (NoiseCipherState Send, NoiseCipherState Receive) Split()
    {
        if (!IsComplete)
        {
            throw new InvalidOperationException("The handshake is not complete.");
        }
        (NoiseCipherState first, NoiseCipherState second) = _symmetric.Split();
        return _isInitiator ? (first, second) : (second, first);
    }

    public void Dispose() => _symmetric.Dispose();

    private static ReadOnlySpan<Token> Tokens(int message) => message switch
    {
        0 => [Token.E],
        1 => [Token.E, Token.EE, Token.S, Token.ES],
        _ => [Token.S, Token.SE],
    };

    private static Libp2pException Failed(string what) =>
        new(Libp2pErrorIds.HandshakeFailed, $"The Noise handshake failed: {what}.");

    private void ReadStatic(ref ReadOnlySpan<byte> message)
    {
        // XX sends static keys under a key only, never in the clear
        const int Length = NoiseConstants.KeyLength + NoiseConstants.TagLength;
        Span<byte> plaintext = stackalloc byte[Length];
        if (_symmetric.DecryptAndHash(message[..Length], plaintext) != NoiseConstants.KeyLength)
        {
            throw Failed($"the static key of message {_message + 1} is not authentic");
        }
        plaintext[..NoiseConstants.KeyLength].CopyTo(_remoteStatic);
        message = message[Length..];
    }

    private void MixAgreement(Token token)
    {
        // the first letter is the initiator's key, the second the responder's
        bool mineIsStatic = token == (_isInitiator ? Token.SE : Token.ES);
        bool theirsIsStatic = token == (_isInitiator ? Token.ES : Token.SE);
        Span<byte> shared = stackalloc byte[NoiseConstants.KeyLength];
        if (!(mineIsStatic ? _static : _ephemeral).TryAgree(theirsIsStatic ? _remoteStatic : _remoteEphemeral, shared))
        {
            throw Failed("the other side's public key has a small order");
        }
        _symmetric.MixKey(shared);
        CryptographicOperations.ZeroMemory(shared);
    }
}

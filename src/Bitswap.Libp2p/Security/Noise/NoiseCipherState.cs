using System.Buffers.Binary;
using System.Security.Cryptography;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Security.Noise;

/// <summary>Represents a key and its counting nonce (Noise specification, section 5.1). One user at a time.</summary>
internal sealed class NoiseCipherState : IDisposable
{
    // 2^64-1 is reserved (Noise specification, section 5.1)
    private const ulong ReservedNonce = ulong.MaxValue;
    private const int NonceLength = 12;

    private readonly ChaCha20Poly1305 _cipher;
    private ulong _nonce;

    public NoiseCipherState(ReadOnlySpan<byte> key, ulong firstNonce = 0)
    {
        _cipher = new ChaCha20Poly1305(key);
        _nonce = firstNonce;
    }

    /// <summary>Encrypts <paramref name="text"/> where it lies.</summary>
    /// <exception cref="Libp2pException">LimitExceeded: the key has encrypted 2^64-1 messages.</exception>
    public void Encrypt(Span<byte> text, Span<byte> tag, ReadOnlySpan<byte> associatedData = default) => Encrypt(text, text, tag, associatedData);

    /// <summary>Encrypts <paramref name="plaintext"/> into <paramref name="ciphertext"/>, which is as long and either apart or the same.</summary>
    /// <exception cref="Libp2pException">LimitExceeded: the key has encrypted 2^64-1 messages.</exception>
    public void Encrypt(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> associatedData = default)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        WriteNonce(nonce);
        _cipher.Encrypt(nonce, plaintext, ciphertext, tag, associatedData);
        _nonce++;
    }

    /// <summary>Decrypts <paramref name="text"/> where it lies.</summary>
    /// <returns>False, and no plaintext, when the tag does not fit: the other side, or someone between, is not what it says.</returns>
    /// <exception cref="Libp2pException">LimitExceeded: the key has decrypted 2^64-1 messages.</exception>
    public bool TryDecrypt(Span<byte> text, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> associatedData = default)
    {
        Span<byte> nonce = stackalloc byte[NonceLength];
        WriteNonce(nonce);
        try
        {
            _cipher.Decrypt(nonce, text, tag, text, associatedData);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        _nonce++;
        return true;
    }

    public void Dispose() => _cipher.Dispose();

    // 32 zero bits and the counter, little-endian (Noise specification, section 12.3)
    private void WriteNonce(Span<byte> nonce)
    {
        if (_nonce == ReservedNonce)
        {
            throw new Libp2pException(Libp2pErrorIds.LimitExceeded, "The Noise nonce is used up: no more messages under this key.");
        }
        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], _nonce);
    }
}

/// <summary>Sizes and names of Noise_XX_25519_ChaChaPoly_SHA256 as libp2p frames it (libp2p/specs, noise/README.md, "Wire Format").</summary>
internal static class NoiseConstants
{
    /// <summary>The protocol id that multistream-select agrees on.</summary>
    public const string ProtocolId = "/noise";

    /// <summary>DHLEN, HASHLEN and the cipher's key length are all 32 bytes.</summary>
    public const int KeyLength = 32;

    /// <summary>The Poly1305 tag at the end of every ciphertext.</summary>
    public const int TagLength = 16;

    /// <summary>The big-endian length in front of every Noise message.</summary>
    public const int LengthPrefix = 2;

    /// <summary>The largest Noise message (Noise specification, section 3).</summary>
    public const int MaxMessage = 65535;

    /// <summary>The most plaintext one transport message carries.</summary>
    public const int MaxPlaintext = MaxMessage - TagLength;

    /// <summary>The bytes that a transport message takes on the wire besides its plaintext.</summary>
    public const int FrameOverhead = LengthPrefix + TagLength;
}

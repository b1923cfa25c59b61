using System.Security.Cryptography;

namespace Bitswap.Libp2p.Security.Noise;

/// <summary>Represents the chaining key, the transcript hash and the handshake's cipher (Noise specification, section 5.2).</summary>
internal sealed class NoiseSymmetricState : IDisposable
{
    private const int HashLength = SHA256.HashSizeInBytes;

    private readonly byte[] _chainingKey = new byte[HashLength];
    private readonly byte[] _hash = new byte[HashLength];
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private NoiseCipherState? _cipher;

    public NoiseSymmetricState(ReadOnlySpan<byte> prologue)
    {
        // the name is exactly HASHLEN bytes, so it is h itself
        "Noise_XX_25519_ChaChaPoly_SHA256"u8.CopyTo(_hash);
        _hash.CopyTo(_chainingKey, 0);
        MixHash(prologue);
    }

    /// <summary>Gets the transcript so far; at the end of the handshake its unique name.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    public void MixHash(ReadOnlySpan<byte> data)
    {
        _sha256.AppendData(_hash);
        _sha256.AppendData(data);
        _sha256.GetHashAndReset(_hash);
    }

    public void MixKey(ReadOnlySpan<byte> inputKey)
    {
        Span<byte> output = stackalloc byte[2 * HashLength];
        Derive(inputKey, output);
        output[..HashLength].CopyTo(_chainingKey);
        _cipher?.Dispose();
        _cipher = new NoiseCipherState(output[HashLength..]);
        CryptographicOperations.ZeroMemory(output);
    }

    /// <summary>Writes <paramref name="plaintext"/>, encrypted once there is a key, to the front of <paramref name="destination"/>.</summary>
    /// <returns>The number of bytes written.</returns>
    public int EncryptAndHash(ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        plaintext.CopyTo(destination);
        int length = plaintext.Length;
        if (_cipher is not null)
        {
            _cipher.Encrypt(destination[..length], destination.Slice(length, NoiseConstants.TagLength), _hash);
            length += NoiseConstants.TagLength;
        }
        MixHash(destination[..length]);
        return length;
    }

    /// <summary>Reads all of <paramref name="ciphertext"/> into <paramref name="plaintext"/>, which has to be as large.</summary>
    /// <returns>The length of the plaintext; -1 when its tag is missing or wrong.</returns>
    public int DecryptAndHash(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        if (_cipher is null)
        {
            ciphertext.CopyTo(plaintext);
            MixHash(ciphertext);
            return ciphertext.Length;
        }
        int length = ciphertext.Length - NoiseConstants.TagLength;
        if (length < 0)
        {
            return -1;
        }
        ciphertext[..length].CopyTo(plaintext);
        if (!_cipher.TryDecrypt(plaintext[..length], ciphertext[length..], _hash))
        {
            return -1;
        }
        MixHash(ciphertext);
        return length;
    }

    /// <summary>Returns the keys of the two directions, the initiator's sending one first.</summary>
    public (NoiseCipherState First, NoiseCipherState Second) Split()
    {
        Span<byte> output = stackalloc byte[2 * HashLength];
        Derive([], output);
        NoiseCipherState first = new(output[..HashLength]);
        NoiseCipherState second = new(output[HashLength..]);
        CryptographicOperations.ZeroMemory(output);
        return (first, second);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_chainingKey);
        _sha256.Dispose();
        _cipher?.Dispose();
    }

    // HKDF with two outputs (Noise specification, section 4.3). It is that of RFC 5869, but OpenSSL's refuses the empty input of Split.
    private void Derive(ReadOnlySpan<byte> inputKey, Span<byte> output)
    {
        Span<byte> temporaryKey = stackalloc byte[HashLength];
        Span<byte> secondInput = stackalloc byte[HashLength + 1];
        HMACSHA256.HashData(_chainingKey, inputKey, temporaryKey);
        HMACSHA256.HashData(temporaryKey, [1], output[..HashLength]);
        output[..HashLength].CopyTo(secondInput);
        secondInput[HashLength] = 2;
        HMACSHA256.HashData(temporaryKey, secondInput, output[HashLength..]);
        CryptographicOperations.ZeroMemory(temporaryKey);
        CryptographicOperations.ZeroMemory(secondInput);
    }
}

using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;

namespace Bitswap.Libp2p.Security.Noise;

/// <summary>Represents an X25519 key pair of one handshake; its secret is wiped when it is disposed.</summary>
internal sealed class NoiseKeyPair : IDisposable
{
    private readonly byte[] _secret = new byte[NoiseConstants.KeyLength];
    private readonly byte[] _public = new byte[NoiseConstants.KeyLength];

    private NoiseKeyPair(ReadOnlySpan<byte> secret)
    {
        secret.CopyTo(_secret);
        X25519.PublicKey(_secret, _public);
    }

    public ReadOnlySpan<byte> PublicKey => _public;

    public static NoiseKeyPair Generate()
    {
        Span<byte> secret = stackalloc byte[NoiseConstants.KeyLength];
        RandomNumberGenerator.Fill(secret);
        NoiseKeyPair pair = new(secret);
        CryptographicOperations.ZeroMemory(secret);
        return pair;
    }

    /// <summary>Returns a pair with a known secret, which published transcripts need.</summary>
    public static NoiseKeyPair FromSecret(ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, NoiseConstants.KeyLength, nameof(secret));
        return new NoiseKeyPair(secret);
    }

    /// <summary>Returns the shared secret with the holder of <paramref name="peerPublicKey"/>.</summary>
    /// <returns>False when it is all zero, since such a key was chosen to contribute nothing (RFC 7748, section 6.1).</returns>
    public bool TryAgree(ReadOnlySpan<byte> peerPublicKey, Span<byte> shared) => X25519.TryAgree(_secret, peerPublicKey, shared);

    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);
}

using System.Security.Cryptography;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Crypto;

/// <summary>Represents an Ed25519 identity key. Immutable, safe from any thread. Its text tells the peer id only.</summary>
public sealed class PrivateKey
{
    private readonly byte[] _seed;

    private PrivateKey(ReadOnlySpan<byte> seed, PublicKey publicKey)
    {
        // pinned, so that the garbage collector leaves no copies behind when it moves things
        _seed = GC.AllocateUninitializedArray<byte>(Ed25519.SeedLength, pinned: true);
        seed.CopyTo(_seed);
        PublicKey = publicKey;
    }

    /// <summary>Gets the public half.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>Gets the identity that this key proves.</summary>
    public PeerId PeerId => PublicKey.PeerId;

    /// <summary>Makes a new key from the operating system's randomness.</summary>
    public static PrivateKey Generate()
    {
        Span<byte> seed = stackalloc byte[Ed25519.SeedLength];
        RandomNumberGenerator.Fill(seed);
        PrivateKey key = FromSeed(seed);
        CryptographicOperations.ZeroMemory(seed);
        return key;
    }

    /// <summary>Makes the key of a seed (RFC 8032 section 5.1.5).</summary>
    /// <param name="seed">32 bytes, secret.</param>
    /// <exception cref="Libp2pException"><see cref="Libp2pErrorIds.InvalidKey"/>: another length.</exception>
    public static PrivateKey FromSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != Ed25519.SeedLength)
        {
            throw KeyEncoding.Invalid($"an Ed25519 seed has {Ed25519.SeedLength} bytes, not {seed.Length}");
        }

        Span<byte> publicKey = stackalloc byte[Ed25519.PublicKeyLength];
        Ed25519.PublicKey(seed, publicKey);
        return new PrivateKey(seed, PublicKey.FromEd25519(publicKey));
    }

    /// <summary>
    /// Reads the message PrivateKey of the libp2p specs (peer-ids), as Kubo keeps it: the seed and the public key, or the older form with the
    /// public key twice.
    /// </summary>
    /// <param name="protobuf">The message and nothing after it.</param>
    /// <exception cref="Libp2pException">
    /// <see cref="Libp2pErrorIds.InvalidKey"/>: not such a message, another kind of key, or a public key that is not the seed's.
    /// </exception>
    public static PrivateKey Decode(ReadOnlySpan<byte> protobuf)
    {
        const int Current = Ed25519.SeedLength + Ed25519.PublicKeyLength;
        const int Legacy = Current + Ed25519.PublicKeyLength;

        ReadOnlySpan<byte> data = KeyEncoding.Decode(protobuf, out KeyType type);
        if (type != KeyType.Ed25519)
        {
            throw KeyEncoding.Invalid($"a private key must be Ed25519, not {type}");
        }

        if (data.Length is not (Current or Legacy))
        {
            throw KeyEncoding.Invalid($"an Ed25519 private key has {Current} or {Legacy} bytes, not {data.Length}");
        }

        PrivateKey key = FromSeed(data[..Ed25519.SeedLength]);
        ReadOnlySpan<byte> publicKey = key.PublicKey.Data.Span;
        bool matches = data.Slice(Ed25519.SeedLength, Ed25519.PublicKeyLength).SequenceEqual(publicKey) &&
            (data.Length == Current || data[Current..].SequenceEqual(publicKey));
        return matches
            ? key
            : throw KeyEncoding.Invalid("its public half is not that of its private half");
    }

    /// <summary>
    /// Writes the message PrivateKey of the libp2p specs (peer-ids): the seed, then the public key. Secret: the caller clears it after use.
    /// </summary>
    public byte[] Encode()
    {
        Span<byte> data = stackalloc byte[Ed25519.SeedLength + Ed25519.PublicKeyLength];
        _seed.CopyTo(data);
        PublicKey.Data.Span.CopyTo(data[Ed25519.SeedLength..]);
        byte[] encoded = KeyEncoding.Encode(KeyType.Ed25519, data);
        CryptographicOperations.ZeroMemory(data);
        return encoded;
    }

    /// <summary>Signs a message (RFC 8032 section 5.1.6).</summary>
    /// <returns>64 bytes, the same for the same message.</returns>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        byte[] signature = new byte[Ed25519.SignatureLength];
        Ed25519.Sign(_seed, PublicKey.Data.Span, message, signature);
        return signature;
    }

    /// <summary>Returns the text of the peer id.</summary>
    public override string ToString() => PeerId.ToString();
}

using System.Security.Cryptography;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Crypto;

/// <summary>Represents the public half of a peer's identity key, checked when it was made. Immutable, safe from any thread.</summary>
public sealed class PublicKey : IEquatable<PublicKey>
{
    private readonly byte[] _data;
    private readonly Secp256k1Key? _secp256k1;
    private PeerId? _peerId;

    private PublicKey(KeyType type, byte[] data, Secp256k1Key? secp256k1 = null)
    {
        Type = type;
        _data = data;
        _secp256k1 = secp256k1;
    }

    /// <summary>Gets the kind of key.</summary>
    public KeyType Type { get; }

    /// <summary>Gets the key in the form of its kind, as <see cref="KeyType"/> tells.</summary>
    public ReadOnlyMemory<byte> Data => _data;

    /// <summary>Gets the identity that this key is.</summary>
    public PeerId PeerId => _peerId ??= PeerId.FromPublicKey(Encode());

    /// <summary>
    /// Reads the message PublicKey of the libp2p specs (peer-ids). A secp256k1 point that is not compressed becomes so, as in go-libp2p: a
    /// key has one identity.
    /// </summary>
    /// <param name="protobuf">The message, in the one encoding that the specs allow, and nothing after it.</param>
    /// <exception cref="Libp2pException"><see cref="Libp2pErrorIds.InvalidKey"/>: not such a message, or a key that this host refuses.</exception>
    public static PublicKey Decode(ReadOnlySpan<byte> protobuf)
    {
        ReadOnlySpan<byte> data = KeyEncoding.Decode(protobuf, out KeyType type);
        switch (type)
        {
            case KeyType.Ed25519:
                return FromEd25519(data);
            case KeyType.Secp256k1:
                return Secp256k1Key.TryRead(data, out Secp256k1Key? key)
                    ? new PublicKey(type, key.Compress(), key)
                    : throw KeyEncoding.Invalid("it is no encoded point of secp256k1");
            case KeyType.Ecdsa:
                SubjectPublicKeys.ImportEcdsa(data).Dispose();
                return new PublicKey(type, data.ToArray());
            default:
                SubjectPublicKeys.ImportRsa(data).Dispose();
                return new PublicKey(type, data.ToArray());
        }
    }

    /// <summary>Makes an Ed25519 key of its 32 bytes.</summary>
    /// <exception cref="Libp2pException"><see cref="Libp2pErrorIds.InvalidKey"/>: another length.</exception>
    internal static PublicKey FromEd25519(ReadOnlySpan<byte> key) => key.Length == Ed25519.PublicKeyLength
        ? new PublicKey(KeyType.Ed25519, key.ToArray())
        : throw KeyEncoding.Invalid($"an Ed25519 public key has {Ed25519.PublicKeyLength} bytes, not {key.Length}");

    /// <summary>Writes the message PublicKey of the libp2p specs (peer-ids), the same bytes every time.</summary>
    public byte[] Encode() => KeyEncoding.Encode(Type, _data);

    /// <summary>Returns whether the signature is this key's, over this message. A malformed signature is an invalid one.</summary>
    /// <param name="message">What was signed.</param>
    /// <param name="signature">In the form of <see cref="Type"/>.</param>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        switch (Type)
        {
            case KeyType.Ed25519:
                return Ed25519.Verify(_data, message, signature);
            case KeyType.Secp256k1:
                return _secp256k1!.Verify(message, signature);
            case KeyType.Ecdsa:
                Span<byte> fixedForm = stackalloc byte[2 * EcdsaSignature.NumberLength];
                if (!EcdsaSignature.TryRead(signature, fixedForm))
                {
                    return false;
                }

                using (ECDsa ecdsa = SubjectPublicKeys.ImportEcdsa(_data))
                {
                    return ecdsa.VerifyData(message, fixedForm, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
                }

            default:
                using (RSA rsa = SubjectPublicKeys.ImportRsa(_data))
                {
                    return rsa.VerifyData(message, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                }
        }
    }

    /// <summary>Returns whether the other is the same key.</summary>
    public bool Equals(PublicKey? other) => other is not null && Type == other.Type && _data.AsSpan().SequenceEqual(other._data);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Type);
        hash.AddBytes(_data);
        return hash.ToHashCode();
    }

    /// <summary>Returns the text of the peer id.</summary>
    public override string ToString() => PeerId.ToString();
}

/// <summary>Specifies the kinds of identity keys (libp2p specs, peer-ids), with the numbers that they have on the wire.</summary>
public enum KeyType
{
    /// <summary>RSA of 2048 to 8192 bits; the data is a DER SubjectPublicKeyInfo, signatures are PKCS #1 v1.5 over SHA-256.</summary>
    Rsa = 0,

    /// <summary>Ed25519; the data is the 32 bytes of the key.</summary>
    Ed25519 = 1,

    /// <summary>secp256k1; the data is the compressed point of 33 bytes, signatures are DER over SHA-256.</summary>
    Secp256k1 = 2,

    /// <summary>ECDSA on P-256; the data is a DER SubjectPublicKeyInfo, signatures are DER over SHA-256.</summary>
    Ecdsa = 3,
}

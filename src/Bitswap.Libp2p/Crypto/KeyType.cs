namespace Bitswap.Libp2p.Crypto;

/// <summary>The kinds of identity keys (libp2p specs, peer-ids), with the numbers that they have on the wire.</summary>
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

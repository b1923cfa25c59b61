namespace Bitswap.Multiformats.Abstractions;

/// <summary>The codes of hash functions, from the multicodec table (github.com/multiformats/multicodec).</summary>
public static class MultihashCode
{
    /// <summary>No hash: the digest is the data itself.</summary>
    public const ulong Identity = 0x00;

    /// <summary>SHA-1, 20 bytes.</summary>
    public const ulong Sha1 = 0x11;

    /// <summary>SHA-256, 32 bytes.</summary>
    public const ulong Sha256 = 0x12;

    /// <summary>SHA-512, 64 bytes.</summary>
    public const ulong Sha512 = 0x13;

    /// <summary>SHA3-512, 64 bytes.</summary>
    public const ulong Sha3_512 = 0x14;

    /// <summary>SHA3-384, 48 bytes.</summary>
    public const ulong Sha3_384 = 0x15;

    /// <summary>SHA3-256, 32 bytes.</summary>
    public const ulong Sha3_256 = 0x16;

    /// <summary>SHA3-224, 28 bytes.</summary>
    public const ulong Sha3_224 = 0x17;

    /// <summary>SHAKE256, 64 bytes unless told otherwise.</summary>
    public const ulong Shake256 = 0x19;

    /// <summary>Keccak-224 as it was before FIPS 202, 28 bytes.</summary>
    public const ulong Keccak224 = 0x1a;

    /// <summary>Keccak-256 as it was before FIPS 202, 32 bytes.</summary>
    public const ulong Keccak256 = 0x1b;

    /// <summary>Keccak-384 as it was before FIPS 202, 48 bytes.</summary>
    public const ulong Keccak384 = 0x1c;

    /// <summary>Keccak-512 as it was before FIPS 202, 64 bytes.</summary>
    public const ulong Keccak512 = 0x1d;

    /// <summary>BLAKE3, 32 bytes unless told otherwise.</summary>
    public const ulong Blake3 = 0x1e;

    /// <summary>SHA-256 of the SHA-256, 32 bytes.</summary>
    public const ulong DblSha256 = 0x56;

    /// <summary>BLAKE2b with one byte of digest; each next code has one byte more.</summary>
    public const ulong Blake2b_8 = 0xb201;

    /// <summary>BLAKE2b with 20 bytes of digest, the shortest that is accepted for blocks.</summary>
    public const ulong Blake2b_160 = Blake2b_8 + 19;

    /// <summary>BLAKE2b with 32 bytes of digest.</summary>
    public const ulong Blake2b_256 = Blake2b_8 + 31;

    /// <summary>BLAKE2b with 64 bytes of digest.</summary>
    public const ulong Blake2b_512 = Blake2b_8 + 63;

    /// <summary>BLAKE2s with one byte of digest; each next code has one byte more.</summary>
    public const ulong Blake2s_8 = 0xb241;

    /// <summary>BLAKE2s with 20 bytes of digest, the shortest that is accepted for blocks.</summary>
    public const ulong Blake2s_160 = Blake2s_8 + 19;

    /// <summary>BLAKE2s with 32 bytes of digest.</summary>
    public const ulong Blake2s_256 = Blake2s_8 + 31;
}

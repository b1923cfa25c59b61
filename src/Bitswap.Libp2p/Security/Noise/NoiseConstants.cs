namespace Bitswap.Libp2p.Security.Noise;

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

    /// <summary>What a transport message costs on the wire besides its plaintext.</summary>
    public const int FrameOverhead = LengthPrefix + TagLength;
}

using System.Security.Cryptography;

namespace Bitswap.Benchmarks;

/// <summary>What both ends of the bare line agree on: TCP, messages of a Noise channel's size, one fixed key, and nothing else.</summary>
internal static class BareLine
{
    public const int MaxMessage = 65_535;
    public const int TagSize = 16;
    public const int LengthSize = 2;
    public const int MaxPlaintext = MaxMessage - TagSize;
    public const int BufferSize = 256 << 10;

    public static ChaCha20Poly1305 Cipher() => new(SHA256.HashData("bare line"u8));

    /// <summary>One block, the same at both ends; what is in it does not matter to the speed.</summary>
    public static byte[] Block(int size)
    {
        byte[] block = new byte[size];
        new Random(1).NextBytes(block);
        return block;
    }
}

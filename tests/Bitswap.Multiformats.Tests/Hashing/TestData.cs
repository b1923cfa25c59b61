using System.Security.Cryptography;

namespace Bitswap.Multiformats.Tests.Hashing;

/// <summary>A hash function as the code here has it: it fills the digest.</summary>
internal delegate void HashInto(ReadOnlySpan<byte> data, Span<byte> digest);

internal static class TestData
{
    /// <summary>0, 1 ... 250, 0, 1 ...: the input of BLAKE3's published vectors.</summary>
    public static byte[] Pattern(int length)
    {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++)
        {
            data[i] = (byte)(i % 251);
        }

        return data;
    }

    public static string Hex(HashInto hash, ReadOnlySpan<byte> data, int digestLength)
    {
        byte[] digest = new byte[digestLength];
        hash(data, digest);
        return Convert.ToHexStringLower(digest);
    }

    /// <summary>The SHA-256 of many digests one after another, which stands for all of them.</summary>
    public static string Fold(HashInto hash, IEnumerable<(byte[] Data, int DigestLength)> cases)
    {
        using var fold = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((byte[] data, int digestLength) in cases)
        {
            byte[] digest = new byte[digestLength];
            hash(data, digest);
            fold.AppendData(digest);
        }

        return Convert.ToHexStringLower(fold.GetHashAndReset());
    }
}

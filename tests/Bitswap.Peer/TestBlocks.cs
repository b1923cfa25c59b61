using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Peer;

/// <summary>
/// Blocks that any peer can make for itself: block i of seed s is the AES-128-CTR key stream (zero IV) under the first 16 bytes of
/// sha256("bitswap-peer:" + s + ":" + i).
/// </summary>
internal static class TestBlocks
{
    private const int AesBlock = 16;

    public static byte[] Data(string seed, int index, int size)
    {
        byte[] key = SHA256.HashData(Encoding.UTF8.GetBytes($"bitswap-peer:{seed}:{index}"))[..16];
        byte[] counters = new byte[(size + AesBlock - 1) / AesBlock * AesBlock];
        for (int offset = 0; offset < counters.Length; offset += AesBlock)
        {
            BinaryPrimitives.WriteInt32BigEndian(counters.AsSpan(offset + 12), offset / AesBlock);
        }

        using Aes aes = Aes.Create();
        aes.Key = key;
        aes.EncryptEcb(counters, counters, PaddingMode.None);
        return counters.Length == size ? counters : counters[..size];
    }

    public static Cid CidOf(byte[] data, bool version0)
    {
        Multihash hash = Multihash.Compute(MultihashCode.Sha256, data);
        return version0 ? Cid.CreateV0(hash) : Cid.CreateV1(Multicodec.Raw, hash);
    }
}

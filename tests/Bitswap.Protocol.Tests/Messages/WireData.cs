using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Protocol.Tests.Messages;

/// <summary>Messages and blocks that several tests use.</summary>
internal static class WireData
{
    public static readonly BitswapVersion[] Versions =
        [BitswapVersion.V120, BitswapVersion.V110, BitswapVersion.V100, BitswapVersion.Unversioned];

    /// <summary>"Foo Bar Baz": CIDv1 raw.</summary>
    public static Block Foo { get; } = RawBlock("Foo Bar Baz"u8.ToArray());

    /// <summary>"Foo Bar Baz": CIDv0.</summary>
    public static Block FooV0 { get; } = V0Block("Foo Bar Baz"u8.ToArray());

    public static Block RawBlock(byte[] data) =>
        new(Cid.CreateV1(Multicodec.Raw, Multihash.Compute(MultihashCode.Sha256, data)), data);

    public static Block V0Block(byte[] data) => new(Cid.CreateV0(Multihash.Compute(MultihashCode.Sha256, data)), data);

    public static Cid RawCid(int n) => RawBlock(BitConverter.GetBytes(n)).Cid;

    public static byte[] Encode(BitswapMessage message, BitswapVersion version = BitswapVersion.V120)
    {
        byte[] frame = new byte[MessageCodec.GetFrameSize(message, version)];
        Assert.Equal(frame.Length, MessageCodec.EncodeFrame(message, version, frame));
        return frame[^MessageCodec.GetSize(message, version)..];
    }

    public static BitswapMessage Decode(byte[] message, WireLimits? limits = null) =>
        MessageCodec.Decode(message, limits ?? WireLimits.Default);

    public static BitswapMessage DecodeHex(string hex) => Decode(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    public static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    /// <summary>A length-delimited protobuf field.</summary>
    public static byte[] Field(int number, params byte[] content)
    {
        byte[] length = new byte[Varint.Length((ulong)content.Length)];
        Varint.Write(length, (ulong)content.Length);
        return [(byte)((number << 3) | 2), .. length, .. content];
    }

    public static WireException Refused(byte[] message, WireLimits? limits = null) =>
        Assert.Throws<WireException>(() => Decode(message, limits));
}

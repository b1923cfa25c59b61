using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Noise;
using Bitswap.Libp2p.Noise.Wire;
using Google.Protobuf;

namespace Bitswap.Libp2p.Tests.Noise;

public sealed class NoisePayloadTests
{
    private static readonly PrivateKey s_identity = PrivateKey.FromSeed([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private static readonly byte[] s_noiseKey = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];

    [Fact]
    public void A_payload_has_the_fields_of_the_specification_in_order()
    {
        byte[] signature = s_identity.Sign([.. "noise-libp2p-static-key:"u8, .. s_noiseKey]);
        byte[] expected =
        [
            0x0a, 36, .. s_identity.PublicKey.Encode(),
            0x12, 64, .. signature,
            0x22, 14, 0x12, 12, .. "/yamux/1.0.0"u8,
        ];
        Assert.Equal(expected, NoisePayload.Create(s_identity, s_noiseKey, ["/yamux/1.0.0"]));
        Assert.Equal(expected[..104], NoisePayload.Create(s_identity, s_noiseKey, []));
    }

    [Fact]
    public void What_is_created_verifies()
    {
        NoisePayload payload = NoisePayload.Verify(NoisePayload.Create(s_identity, s_noiseKey, ["/b", "/a"]), s_noiseKey);
        Assert.Equal(s_identity.PublicKey, payload.Key);
        Assert.Equal(s_identity.PeerId, payload.PeerId);
        Assert.Equal(["/b", "/a"], payload.Muxers);
    }

    [Fact]
    public void Certificate_hashes_unknown_fields_and_the_withdrawn_field_are_passed_over()
    {
        byte[] bytes =
        [
            .. NoisePayload.Create(s_identity, s_noiseKey, []),
            0x1a, 2, 1, 2, // field 3
            0x22, 8, 0x0a, 2, 7, 7, 0x12, 2, (byte)'/', (byte)'m',
            0x7a, 1, 0, // field 15
        ];
        Assert.Equal(["/m"], NoisePayload.Verify(bytes, s_noiseKey).Muxers);
    }

    [Fact]
    public void A_signature_over_another_noise_key_is_refused()
    {
        byte[] payload = NoisePayload.Create(s_identity, s_noiseKey, []);
        byte[] other = [.. s_noiseKey];
        other[31] ^= 1;
        AssertRefused(payload, other, "did not sign");
    }

    [Fact]
    public void A_signature_by_another_key_or_without_the_prefix_is_refused()
    {
        foreach (byte[] signature in (byte[][])
            [PrivateKey.Generate().Sign([.. "noise-libp2p-static-key:"u8, .. s_noiseKey]), s_identity.Sign(s_noiseKey), new byte[64], new byte[63], []])
        {
            NoiseHandshakePayload message = new()
            {
                IdentityKey = ByteString.CopyFrom(s_identity.PublicKey.Encode()),
                IdentitySig = ByteString.CopyFrom(signature),
            };
            AssertRefused(message.ToByteArray(), s_noiseKey, "did not sign");
        }
    }

    [Fact]
    public void A_payload_without_key_or_signature_is_refused()
    {
        AssertRefused([], s_noiseKey, "lacks");
        AssertRefused(new NoiseHandshakePayload { IdentityKey = ByteString.CopyFrom(s_identity.PublicKey.Encode()) }.ToByteArray(), s_noiseKey, "lacks");
        AssertRefused(new NoiseHandshakePayload { IdentitySig = ByteString.CopyFrom(new byte[64]) }.ToByteArray(), s_noiseKey, "lacks");
    }

    [Fact]
    public void A_key_that_is_none_is_refused()
    {
        foreach (byte[] key in (byte[][])[[], [1, 2, 3], [.. s_identity.PublicKey.Encode(), 0], s_identity.PublicKey.Encode()[..^1]])
        {
            NoiseHandshakePayload message = new() { IdentityKey = ByteString.CopyFrom(key), IdentitySig = ByteString.CopyFrom(new byte[64]) };
            AssertRefused(message.ToByteArray(), s_noiseKey, "not usable");
        }
    }

    [Fact]
    public void A_payload_cut_off_anywhere_is_refused()
    {
        byte[] payload = NoisePayload.Create(s_identity, s_noiseKey, ["/yamux/1.0.0"]);
        for (int length = 0; length < payload.Length; length++)
        {
            if (length == 104)
            {
                continue; // complete but for the extensions
            }
            Libp2pException e = Assert.Throws<Libp2pException>(() => NoisePayload.Verify(payload.AsSpan(0, length), s_noiseKey));
            Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        }
    }

    private static void AssertRefused(byte[] payload, byte[] noiseKey, string why)
    {
        Libp2pException e = Assert.Throws<Libp2pException>(() => NoisePayload.Verify(payload, noiseKey));
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }
}

using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Security.Noise;
using Bitswap.Libp2p.Security.Noise.Wire;
using Google.Protobuf;

namespace Bitswap.Libp2p.Tests.Security.Noise;

public sealed class NoisePayloadTests
{
    private static readonly PrivateKey _identity = PrivateKey.FromSeed([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private static readonly byte[] _noiseKey = [.. Enumerable.Range(100, 32).Select(i => (byte)i)];

    [Fact]
    public void A_payload_has_the_fields_of_the_specification_in_order()
    {
        byte[] signature = _identity.Sign([.. "noise-libp2p-static-key:"u8, .. _noiseKey]);
        byte[] expected =
        [
            0x0a, 36, .. _identity.PublicKey.Encode(),
            0x12, 64, .. signature,
            0x22, 14, 0x12, 12, .. "/yamux/1.0.0"u8,
        ];
        Assert.Equal(expected, NoisePayload.Create(_identity, _noiseKey, ["/yamux/1.0.0"]));
        Assert.Equal(expected[..104], NoisePayload.Create(_identity, _noiseKey, []));
    }

    [Fact]
    public void What_is_created_verifies()
    {
        NoisePayload payload = NoisePayload.Verify(NoisePayload.Create(_identity, _noiseKey, ["/b", "/a"]), _noiseKey);
        Assert.Equal(_identity.PublicKey, payload.Key);
        Assert.Equal(_identity.PeerId, payload.PeerId);
        Assert.Equal(["/b", "/a"], payload.Muxers);
    }

    [Fact]
    public void Certificate_hashes_unknown_fields_and_the_withdrawn_field_are_passed_over()
    {
        byte[] bytes =
        [
            .. NoisePayload.Create(_identity, _noiseKey, []),
            0x1a, 2, 1, 2, // field 3
            0x22, 8, 0x0a, 2, 7, 7, 0x12, 2, (byte)'/', (byte)'m',
            0x7a, 1, 0, // field 15
        ];
        Assert.Equal(["/m"], NoisePayload.Verify(bytes, _noiseKey).Muxers);
    }

    [Fact]
    public void A_signature_over_another_noise_key_is_refused()
    {
        byte[] payload = NoisePayload.Create(_identity, _noiseKey, []);
        byte[] other = [.. _noiseKey];
        other[31] ^= 1;
        AssertRefused(payload, other, "did not sign");
    }

    [Fact]
    public void A_signature_by_another_key_or_without_the_prefix_is_refused()
    {
        foreach (byte[] signature in (byte[][])
            [PrivateKey.Generate().Sign([.. "noise-libp2p-static-key:"u8, .. _noiseKey]), _identity.Sign(_noiseKey), new byte[64], new byte[63], []])
        {
            NoiseHandshakePayload message = new()
            {
                IdentityKey = ByteString.CopyFrom(_identity.PublicKey.Encode()),
                IdentitySig = ByteString.CopyFrom(signature),
            };
            AssertRefused(message.ToByteArray(), _noiseKey, "did not sign");
        }
    }

    [Fact]
    public void A_payload_without_key_or_signature_is_refused()
    {
        AssertRefused([], _noiseKey, "lacks");
        AssertRefused(new NoiseHandshakePayload { IdentityKey = ByteString.CopyFrom(_identity.PublicKey.Encode()) }.ToByteArray(), _noiseKey, "lacks");
        AssertRefused(new NoiseHandshakePayload { IdentitySig = ByteString.CopyFrom(new byte[64]) }.ToByteArray(), _noiseKey, "lacks");
    }

    [Fact]
    public void A_key_that_is_none_is_refused()
    {
        foreach (byte[] key in (byte[][])[[], [1, 2, 3], [.. _identity.PublicKey.Encode(), 0], _identity.PublicKey.Encode()[..^1]])
        {
            NoiseHandshakePayload message = new() { IdentityKey = ByteString.CopyFrom(key), IdentitySig = ByteString.CopyFrom(new byte[64]) };
            AssertRefused(message.ToByteArray(), _noiseKey, "not usable");
        }
    }

    [Fact]
    public void A_payload_cut_off_anywhere_is_refused()
    {
        byte[] payload = NoisePayload.Create(_identity, _noiseKey, ["/yamux/1.0.0"]);
        for (int length = 0; length < payload.Length; length++)
        {
            if (length == 104)
            {
                continue; // complete but for the extensions
            }
            Libp2pException e = Assert.Throws<Libp2pException>(() => NoisePayload.Verify(payload.AsSpan(0, length), _noiseKey));
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

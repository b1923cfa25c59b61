using System.Security.Cryptography;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Security.Noise.Wire;
using Google.Protobuf;

namespace Bitswap.Libp2p.Security.Noise;

/// <summary>Represents the proven content of a handshake payload (libp2p/specs, noise/README.md, "The libp2p Handshake Payload").</summary>
/// <param name="Key">The other side's identity key.</param>
/// <param name="PeerId">Its peer id.</param>
/// <param name="Muxers">The muxers it speaks, in its order.</param>
internal sealed record NoisePayload(PublicKey Key, PeerId PeerId, IReadOnlyList<string> Muxers)
{
    private static ReadOnlySpan<byte> SignaturePrefix => "noise-libp2p-static-key:"u8;

    /// <summary>Returns the payload by which <paramref name="identity"/> vouches for <paramref name="noiseKey"/>.</summary>
    public static byte[] Create(PrivateKey identity, ReadOnlySpan<byte> noiseKey, IReadOnlyList<string> muxers)
    {
        NoiseHandshakePayload payload = new()
        {
            IdentityKey = UnsafeByteOperations.UnsafeWrap(identity.PublicKey.Encode()),
            IdentitySig = UnsafeByteOperations.UnsafeWrap(identity.Sign(SignedBytes(noiseKey))),
        };
        if (muxers.Count > 0)
        {
            payload.Extensions = new NoiseExtensions { StreamMuxers = { muxers } };
        }
        return payload.ToByteArray();
    }

    /// <summary>Reads a payload that came under <paramref name="noiseKey"/>.</summary>
    /// <exception cref="Libp2pException">HandshakeFailed: it is no such message, its key is none, or the signature is not by that key.</exception>
    public static NoisePayload Verify(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> noiseKey)
    {
        NoiseHandshakePayload message;
        try
        {
            message = NoiseHandshakePayload.Parser.ParseFrom(payload);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Failed("its payload is malformed", e);
        }
        if (!message.HasIdentityKey || !message.HasIdentitySig)
        {
            throw Failed("its payload lacks the identity key or its signature", null);
        }
        PublicKey key;
        try
        {
            key = PublicKey.Decode(message.IdentityKey.Span);
        }
        catch (Exception e) when (e is Libp2pException or FormatException or CryptographicException)
        {
            throw Failed($"its identity key is not usable: {e.Message}", e);
        }
        if (!key.Verify(SignedBytes(noiseKey), message.IdentitySig.Span))
        {
            throw Failed("its identity key did not sign its Noise key", null);
        }
        return new NoisePayload(key, key.PeerId, [.. message.Extensions?.StreamMuxers ?? []]);
    }

    private static byte[] SignedBytes(ReadOnlySpan<byte> noiseKey) => [.. SignaturePrefix, .. noiseKey];

    private static Libp2pException Failed(string what, Exception? cause) =>
        new(Libp2pErrorIds.HandshakeFailed, $"The Noise handshake failed at the other side's identity: {what}.", cause);
}

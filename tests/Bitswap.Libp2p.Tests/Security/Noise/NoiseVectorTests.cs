using System.Text;
using Bitswap.Libp2p.Security.Noise;

namespace Bitswap.Libp2p.Tests.Security.Noise;

/// <summary>The transcript of Noise_XX_25519_ChaChaPoly_SHA256 that the cacophony project publishes, on which many implementations agree.</summary>
public sealed class NoiseVectorTests
{
    private const string HandshakeHash = "c8e5f64e846193be2a834104c2a009868d6c9f3bd3c186299888b488b2f1f58e";

    /// <summary>Of each message its payload in Latin-1 and its bytes: three of the handshake, and then the responder begins.</summary>
    private static readonly (string Payload, string Bytes)[] _messages =
    [
        ("Ludwig von Mises", "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d69736573"),
        ("Murray Rothbard", "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f14480884381cbad1f276e038c48378ffce2b65285e08d6b68aaa3629a"
            + "5a8639392490e5b9bd5269c2f1e4f488ed8831161f19b7815528f8982ffe09be9b5c412f8a0db50f8814c7194e83f23dbd8d162c9326ad"),
        ("F. A. Hayek", "c7195ffacac1307ff99046f219750fc47693e23c3cb08b89c2af808b444850a80ae475b9df0f169ae80a89be0865b57f58c9fea0d4ec82a2"
            + "86427402f113e4b6ae769a1d95941d49b25030"),
        ("Carl Menger", "96763ed773f8e47bb3712f0e29b3060ffc956ffc146cee53d5e1df"),
        ("Jean-Baptiste Say", "3e40f15f6f3a46ae446b253bf8b1d9ffb6ed9b174d272328ff91a7e2e5c79c07f5"),
        ("Eugen Böhm von Bawerk", "eb3f3515110702e047a6c9da4478b6ead94873c11c0f2d710ddb3f09fce024b3a58502ae3f"),
    ];

    [Fact]
    public void The_published_transcript_comes_out_byte_for_byte()
    {
        byte[] prologue = "John Galt"u8.ToArray();
        using NoiseKeyPair initiatorStatic = Key("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1");
        using NoiseKeyPair initiatorEphemeral = Key("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a");
        using NoiseKeyPair responderStatic = Key("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893");
        using NoiseKeyPair responderEphemeral = Key("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b");
        using NoiseHandshakeState initiator = new(true, initiatorStatic, initiatorEphemeral, prologue);
        using NoiseHandshakeState responder = new(false, responderStatic, responderEphemeral, prologue);
        byte[] buffer = new byte[1024];
        for (int i = 0; i < 3; i++)
        {
            (NoiseHandshakeState from, NoiseHandshakeState to) = i % 2 == 0 ? (initiator, responder) : (responder, initiator);
            Assert.True(from.IsMyTurn);
            Assert.False(to.IsMyTurn);
            byte[] payload = Encoding.Latin1.GetBytes(_messages[i].Payload);
            int length = from.WriteMessage(payload, buffer);
            Assert.Equal(_messages[i].Bytes, Convert.ToHexStringLower(buffer.AsSpan(0, length)));
            Assert.Equal(payload.Length + NoiseHandshakeState.Overhead(i), length);
            byte[] read = new byte[length];
            Assert.Equal(payload, read[..to.ReadMessage(buffer.AsSpan(0, length), read)]);
        }

        Assert.Equal(HandshakeHash, Convert.ToHexStringLower(initiator.HandshakeHash));
        Assert.Equal(HandshakeHash, Convert.ToHexStringLower(responder.HandshakeHash));
        Assert.Equal(responderStatic.PublicKey, initiator.RemoteStatic);
        Assert.Equal(initiatorStatic.PublicKey, responder.RemoteStatic);

        (NoiseCipherState Send, NoiseCipherState Receive) one = initiator.Split();
        (NoiseCipherState Send, NoiseCipherState Receive) other = responder.Split();
        for (int i = 3; i < _messages.Length; i++)
        {
            // the fourth message is the responder's
            (NoiseCipherState send, NoiseCipherState receive) = i % 2 == 0 ? (one.Send, other.Receive) : (other.Send, one.Receive);
            byte[] text = Encoding.Latin1.GetBytes(_messages[i].Payload);
            byte[] tag = new byte[NoiseConstants.TagLength];
            send.Encrypt(text, tag);
            Assert.Equal(_messages[i].Bytes, Convert.ToHexStringLower([.. text, .. tag]));
            Assert.True(receive.TryDecrypt(text, tag));
            Assert.Equal(_messages[i].Payload, Encoding.Latin1.GetString(text));
        }

        foreach (NoiseCipherState cipher in (NoiseCipherState[])[one.Send, one.Receive, other.Send, other.Receive])
        {
            cipher.Dispose();
        }
    }

    private static NoiseKeyPair Key(string secret) => NoiseKeyPair.FromSecret(Convert.FromHexString(secret));
}

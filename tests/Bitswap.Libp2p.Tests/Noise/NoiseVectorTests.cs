using System.Text.Json;
using Bitswap.Libp2p.Noise;
using Bitswap.Tests.Shared;

namespace Bitswap.Libp2p.Tests.Noise;

public sealed class NoiseVectorTests
{
    [Fact]
    public void The_published_transcript_comes_out_byte_for_byte()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Vector("noise-xx-25519-chachapoly-sha256.json")));
        foreach (JsonElement vector in document.RootElement.EnumerateArray())
        {
            Replay(vector);
        }
    }

    private static void Replay(JsonElement vector)
    {
        using NoiseKeyPair initiatorStatic = NoiseKeyPair.FromSecret(Hex(vector, "init_static"));
        using NoiseKeyPair initiatorEphemeral = NoiseKeyPair.FromSecret(Hex(vector, "init_ephemeral"));
        using NoiseKeyPair responderStatic = NoiseKeyPair.FromSecret(Hex(vector, "resp_static"));
        using NoiseKeyPair responderEphemeral = NoiseKeyPair.FromSecret(Hex(vector, "resp_ephemeral"));
        using NoiseHandshakeState initiator = new(true, initiatorStatic, initiatorEphemeral, Hex(vector, "init_prologue"));
        using NoiseHandshakeState responder = new(false, responderStatic, responderEphemeral, Hex(vector, "resp_prologue"));
        JsonElement[] messages = [.. vector.GetProperty("messages").EnumerateArray()];
        Assert.True(messages.Length > 3);
        byte[] buffer = new byte[1024];
        for (int i = 0; i < 3; i++)
        {
            (NoiseHandshakeState from, NoiseHandshakeState to) = i % 2 == 0 ? (initiator, responder) : (responder, initiator);
            Assert.True(from.IsMyTurn);
            Assert.False(to.IsMyTurn);
            byte[] payload = Hex(messages[i], "payload");
            int length = from.WriteMessage(payload, buffer);
            Assert.Equal(Hex(messages[i], "ciphertext"), buffer[..length]);
            Assert.Equal(payload.Length + NoiseHandshakeState.Overhead(i), length);
            byte[] read = new byte[length];
            Assert.Equal(payload, read[..to.ReadMessage(buffer.AsSpan(0, length), read)]);
        }
        Assert.Equal(Hex(vector, "handshake_hash"), initiator.HandshakeHash.ToArray());
        Assert.Equal(Hex(vector, "handshake_hash"), responder.HandshakeHash.ToArray());
        Assert.Equal(responderStatic.PublicKey, initiator.RemoteStatic);
        Assert.Equal(initiatorStatic.PublicKey, responder.RemoteStatic);

        (NoiseCipherState Send, NoiseCipherState Receive) one = initiator.Split();
        (NoiseCipherState Send, NoiseCipherState Receive) other = responder.Split();
        for (int i = 3; i < messages.Length; i++)
        {
            // the fourth message is the responder's
            (NoiseCipherState send, NoiseCipherState receive) = i % 2 == 0 ? (one.Send, other.Receive) : (other.Send, one.Receive);
            byte[] text = Hex(messages[i], "payload");
            byte[] tag = new byte[NoiseConstants.TagLength];
            send.Encrypt(text, tag);
            Assert.Equal(Hex(messages[i], "ciphertext"), (byte[])[.. text, .. tag]);
            Assert.True(receive.TryDecrypt(text, tag));
            Assert.Equal(Hex(messages[i], "payload"), text);
        }
        foreach (NoiseCipherState cipher in (NoiseCipherState[])[one.Send, one.Receive, other.Send, other.Receive])
        {
            cipher.Dispose();
        }
    }

    private static byte[] Hex(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);
}

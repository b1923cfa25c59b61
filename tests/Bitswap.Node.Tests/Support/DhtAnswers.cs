using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Node.Tests.Support;

/// <summary>What a peer of the DHT writes (libp2p specs, kad-dht/README.md), as tests need it.</summary>
internal static class DhtAnswers
{
    /// <summary>ADD_PROVIDER.</summary>
    public const byte AddProvider = 2;

    /// <summary>GET_PROVIDERS.</summary>
    public const byte GetProviders = 3;

    /// <summary>FIND_NODE.</summary>
    public const byte FindNode = 4;

    /// <summary>Reads a question and answers it; <paramref name="answer"/> is given its type and gives what comes after the type.</summary>
    public static async Task AnswerAsync(
        Func<Memory<byte>, CancellationToken, ValueTask<int>> read,
        Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write,
        Func<byte, byte[]> answer,
        CancellationToken cancellationToken,
        Action<byte[], byte[]>? provided = null)
    {
        // a length of one byte, the tag of the type and the type
        byte[] question = new byte[4096];
        int length = await read(question, cancellationToken);
        while (length < 3)
        {
            int more = await read(question.AsMemory(length), cancellationToken);
            Assert.NotEqual(0, more);
            length += more;
        }

        // One message after the other, each with a length of one byte. After the type of ADD_PROVIDER come the key with its tag and length, and then the provider, as GET_PROVIDERS is
        // answered with it.
        while (question[2] == AddProvider)
        {
            int end = 1 + question[0];
            if (length >= end)
            {
                int behind = 5 + question[4];
                provided!(question[5..behind], question[behind..end]);
                question.AsSpan(end, length - end).CopyTo(question);
                length -= end;
            }

            while (length < 3 || (question[2] == AddProvider && length < 1 + question[0]))
            {
                int more = await read(question.AsMemory(length), cancellationToken);
                Assert.NotEqual(0, more);
                length += more;
            }
        }

        byte type = question[2];
        byte[] message = [0x08, type, .. answer(type)];
        await write((byte[])[.. Number(message.Length), .. message], cancellationToken);

        // the client ends the stream, having read
        await read(question, cancellationToken);
    }

    /// <summary>A provider, in an answer to GET_PROVIDERS.</summary>
    public static byte[] Provider(PeerId peer, params IEnumerable<Multiaddr> addresses) => Field(9, Peer(peer, addresses));

    /// <summary>A closer peer, in any answer.</summary>
    public static byte[] Closer(PeerId peer, params IEnumerable<Multiaddr> addresses) => Field(8, Peer(peer, addresses));

    private static byte[] Peer(PeerId peer, IEnumerable<Multiaddr> addresses) =>
        [.. Field(1, peer.Bytes), .. addresses.SelectMany(address => Field(2, address.WithoutPeerId().Bytes))];

    private static byte[] Field(int number, ReadOnlySpan<byte> value) => [.. Number((number << 3) | 2), .. Number(value.Length), .. value];

    private static byte[] Number(int value)
    {
        byte[] bytes = new byte[Varint.Length((ulong)value)];
        Varint.Write(bytes, (ulong)value);
        return bytes;
    }
}

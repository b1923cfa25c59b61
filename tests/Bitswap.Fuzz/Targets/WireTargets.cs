namespace Bitswap.Fuzz.Targets;

/// <summary>Bitswap messages and the frames that they come in.</summary>
internal static class WireTargets
{
    private static readonly string[] _errors = [WireException.InvalidMessage, WireException.MessageTooLarge, WireException.LimitExceeded];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("bitswap-message", _errors, Message),
        new("bitswap-frames", _errors, Frames) { AllocatedAlways = 2 * WireLimits.LargestMessage },
    ];

    private static void Message(ReadOnlyMemory<byte> input)
    {
        BitswapMessage message = MessageCodec.Decode(input, WireLimits.Default);
        byte[] frame = new byte[MessageCodec.GetFrameSize(message, BitswapVersion.V120)];
        MessageCodec.EncodeFrame(message, BitswapVersion.V120, frame);
        int size = MessageCodec.GetSize(message, BitswapVersion.V120);
        BitswapMessage again = MessageCodec.Decode(frame.AsMemory(frame.Length - size), WireLimits.Default);
        FuzzFailureException.Unless(
            again.Full == message.Full
            && again.Wantlist.SequenceEqual(message.Wantlist)
            && again.Presences.SequenceEqual(message.Presences)
            && again.PendingBytes == message.PendingBytes
            && again.Blocks.Select(block => block.Cid).SequenceEqual(message.Blocks.Select(block => block.Cid)),
            "It is encoded as another message.");
    }

    /// <summary>The first byte says in how large pieces the rest comes.</summary>
    private static void Frames(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        int piece = 1 + input.Span[0];
        using FrameReader reader = new(WireLimits.Default);
        for (ReadOnlyMemory<byte> left = input[1..]; !left.IsEmpty;)
        {
            Memory<byte> memory = reader.GetMemory();
            int count = Math.Min(Math.Min(piece, left.Length), memory.Length);
            left[..count].CopyTo(memory);
            left = left[count..];
            for (bool has = reader.TryAdvance(count, out ReadOnlyMemory<byte> frame); has; has = reader.TryReadNext(out frame))
            {
                MessageCodec.Decode(frame, WireLimits.Default);
            }
        }
    }
}

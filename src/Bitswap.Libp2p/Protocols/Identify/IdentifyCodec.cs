using System.Buffers;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Identify.Wire;
using Bitswap.Multiformats.Abstractions;
using Google.Protobuf;

namespace Bitswap.Libp2p.Protocols.Identify;

/// <summary>
/// identify messages on a stream: each a varint length and a protobuf, several of one sender merged (libp2p specs, identify/README.md).
/// </summary>
internal static class IdentifyCodec
{
    /// <summary>The largest message written, its length included: what older peers take (go-libp2p, legacyIDSize and signedIDSize).</summary>
    public const int MaxWritten = 4 * 1024;

    /// <summary>The largest message read (go-libp2p, signedIDSize).</summary>
    public const int MaxRead = 8 * 1024;

    /// <summary>The most messages merged (go-libp2p, maxMessages).</summary>
    public const int MaxMessages = 10;

    private const int MaxText = 256;

    /// <summary>Returns the frames of <paramref name="message"/>: one, or as many as its lists ask for.</summary>
    public static byte[] Encode(IdentifyMessage message)
    {
        List<IdentifyMessage> parts = [];
        if (FrameSize(message) <= MaxWritten)
        {
            parts.Add(message);
        }
        else
        {
            IdentifyMessage part = message.Clone();
            part.ListenAddrs.Clear();
            part.Protocols.Clear();
            parts.Add(part);
            foreach (ByteString address in message.ListenAddrs)
            {
                Append(parts, p => p.ListenAddrs, address, CodedOutputStream.ComputeBytesSize(address));
            }
            foreach (string protocol in message.Protocols)
            {
                Append(parts, p => p.Protocols, protocol, CodedOutputStream.ComputeStringSize(protocol));
            }
        }
        byte[] frames = new byte[parts.Sum(FrameSize)];
        int written = 0;
        foreach (IdentifyMessage part in parts)
        {
            int size = part.CalculateSize();
            written += Varint.Write(frames.AsSpan(written), (ulong)size);
            part.WriteTo(frames.AsSpan(written, size));
            written += size;
        }
        return frames;
    }

    /// <summary>Reads messages until the other side ends, and merges them.</summary>
    /// <exception cref="Libp2pException">ProtocolViolation: too long, too many, cut off, no protobuf, or none at all.</exception>
    public static async ValueTask<IdentifyMessage> ReadAsync(Func<Memory<byte>, CancellationToken, ValueTask<int>> read, CancellationToken ct)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxRead + Varint.MaxLength);
        try
        {
            IdentifyMessage merged = new();
            int messages = 0;
            int held = 0;
            while (true)
            {
                int consumed;
                while ((consumed = TryMerge(buffer.AsSpan(0, held), merged)) > 0)
                {
                    if (++messages > MaxMessages)
                    {
                        throw Violation($"more than {MaxMessages} messages");
                    }
                    buffer.AsSpan(consumed, held - consumed).CopyTo(buffer);
                    held -= consumed;
                }
                int count = await read(buffer.AsMemory(held), ct).ConfigureAwait(false);
                if (count == 0)
                {
                    return held == 0 && messages > 0 ? merged : throw Violation("it ends in the middle");
                }
                held += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Returns what <paramref name="message"/> says, over what was known before: a push may hold no more than what changed.</summary>
    public static RemoteIdentity Merge(RemoteIdentity before, IdentifyMessage message) => new(
        message.HasAgentVersion ? Printable(message.AgentVersion) : before.AgentVersion,
        message.HasProtocolVersion ? Printable(message.ProtocolVersion) : before.ProtocolVersion,
        message.Protocols.Count > 0 ? [.. message.Protocols.Distinct(StringComparer.Ordinal)] : before.Protocols,
        message.ListenAddrs.Count > 0 ? [.. message.ListenAddrs.Select(Address).OfType<Multiaddr>().Distinct()] : before.ListenAddresses,
        message.HasObservedAddr ? Address(message.ObservedAddr) : before.ObservedAddress);

    /// <summary>
    /// Returns what <paramref name="message"/>, the answer to our question, says, under what is known already: that came by pushes while the answer
    /// was on its way, and is newer.
    /// </summary>
    public static RemoteIdentity MergeUnder(RemoteIdentity pushed, IdentifyMessage message)
    {
        RemoteIdentity answer = Merge(RemoteIdentity.Unknown, message);
        return new RemoteIdentity(
            pushed.AgentVersion ?? answer.AgentVersion,
            pushed.ProtocolVersion ?? answer.ProtocolVersion,
            pushed.Protocols.Count > 0 ? pushed.Protocols : answer.Protocols,
            pushed.ListenAddresses.Count > 0 ? pushed.ListenAddresses : answer.ListenAddresses,
            pushed.ObservedAddress ?? answer.ObservedAddress);
    }

    // addresses of transports that are unknown here are no fault of the peer
    private static Multiaddr? Address(ByteString bytes)
    {
        try
        {
            return Multiaddr.FromBytes(bytes.Span);
        }
        catch (MultiformatException)
        {
            return null;
        }
    }

    // the text of another ends up on a terminal: short, and nothing that moves its cursor
    private static string Printable(string text) =>
        string.Create(Math.Min(text.Length, MaxText), text, (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? '?' : source[i];
            }
        });

    private static int TryMerge(ReadOnlySpan<byte> held, IdentifyMessage merged)
    {
        switch (Varint.TryRead(held, out ulong length, out int prefix))
        {
            case OperationStatus.InvalidData:
                throw Violation("a length is no varint");
            case OperationStatus.NeedMoreData:
                return 0;
        }
        if (length > MaxRead)
        {
            throw Violation($"a message claims {length} bytes, {MaxRead} are allowed");
        }
        if (held.Length < prefix + (int)length)
        {
            return 0;
        }
        try
        {
            merged.MergeFrom(held.Slice(prefix, (int)length));
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new Libp2pException(Libp2pErrorIds.ProtocolViolation, $"The identify message is malformed: {error.Message}", error);
        }
        return prefix + (int)length;
    }

    private static void Append<T>(List<IdentifyMessage> parts, Func<IdentifyMessage, IList<T>> list, T item, int size)
    {
        // one byte of tag; the length prefix of a frame may grow by one
        if (FrameSize(parts[^1]) + size + 2 > MaxWritten)
        {
            parts.Add(new IdentifyMessage());
        }
        list(parts[^1]).Add(item);
    }

    private static int FrameSize(IdentifyMessage message)
    {
        int size = message.CalculateSize();
        return Varint.Length((ulong)size) + size;
    }

    private static Libp2pException Violation(string what) =>
        new(Libp2pErrorIds.ProtocolViolation, $"The identify message is malformed: {what}.");
}

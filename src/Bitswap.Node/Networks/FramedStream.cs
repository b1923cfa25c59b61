using System.Buffers;
using System.Runtime.CompilerServices;

namespace Bitswap.Node.Networks;

/// <summary>A stream of messages over a stream of bytes, each message in a frame with its length before it.</summary>
/// <param name="peer">The peer at the other end.</param>
/// <param name="protocol">The protocol id negotiated.</param>
/// <param name="bytes">The stream of bytes.</param>
/// <param name="options">How messages are read and written.</param>
public sealed class FramedStream(PeerId peer, string protocol, IByteStream bytes, MessageOptions options) : IPeerStream
{
    /// <inheritdoc/>
    public PeerId Peer => peer;

    /// <inheritdoc/>
    public string Protocol => protocol;

    /// <summary>Gets the stream of bytes, for what is no Bitswap.</summary>
    public IByteStream Bytes => bytes;

    /// <inheritdoc/>
    public async IAsyncEnumerable<IncomingMessage> ReadAsync(IMessageAdmission admission, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(admission);
        IMessageRoom? room = null;
        using FrameReader frames = new(options.Wire, options.Memory);
        try
        {
            while (true)
            {
                if (frames.LargeFrameAhead > 0)
                {
                    room = await admission.ReserveAsync(frames.LargeFrameAhead, cancellationToken).ConfigureAwait(false);
                }

                int read;
                try
                {
                    read = await bytes.ReadAsync(frames.GetMemory(), room?.Token ?? cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (room?.IsLate == true && !cancellationToken.IsCancellationRequested)
                {
                    throw new TimeoutException($"A message came too slowly: {room.BytesPerSecond:F0} bytes a second.");
                }

                if (read == 0)
                {
                    break;
                }

                room?.Arrived(read);
                for (bool more = frames.TryAdvance(read, out ReadOnlyMemory<byte> frame); more; more = frames.TryReadNext(out frame))
                {
                    room?.IsWhole();
                    FramedMessage message = new(frame, frames.IsFrameKept, options, room);
                    room = null;
                    yield return message;
                }

                if (!frames.IsAtBoundary)
                {
                    await admission.ArrivingAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            if (!frames.IsAtBoundary)
            {
                throw new EndOfStreamException("The stream ended inside a message.");
            }
        }
        finally
        {
            room?.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(BitswapMessage message, CancellationToken cancellationToken)
    {
        BitswapVersion version = BitswapProtocolIds.FromId(protocol);
        foreach (BitswapMessage part in MessageCodec.Split(message, version, options.Wire))
        {
            using EncodedFrame frame = MessageCodec.EncodeFrame(part, version);
            await WriteAsync(frame.Bytes, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken) => bytes.CloseWriteAsync(cancellationToken);

    /// <inheritdoc/>
    public void Reset() => bytes.Reset();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => bytes.DisposeAsync();

    private async ValueTask WriteAsync(ReadOnlySequence<byte> frame, CancellationToken cancellationToken)
    {
        TimeSpan time = MessageOptions.TransferTime((int)frame.Length);
        using CancellationTokenSource late = new(time, options.Clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            await bytes.WriteAsync(frame, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The peer did not take a message of {frame.Length} bytes in {time}.");
        }
    }
}

/// <summary>A stream of bytes with a peer. One reader and one writer at a time.</summary>
public interface IByteStream : IAsyncDisposable
{
    /// <summary>Reads what is there, or waits for it; 0 means that the peer has closed its side.</summary>
    ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>
    /// Writes it all, waiting while the peer's window is full. The pieces are sent as if they were one, and may be used for something else once
    /// the task has ended, however it did.
    /// </summary>
    ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken);

    /// <inheritdoc cref="WriteAsync(ReadOnlySequence{byte}, CancellationToken)"/>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => WriteAsync(new ReadOnlySequence<byte>(data), cancellationToken);

    /// <summary>Tells the peer that nothing more will be written.</summary>
    ValueTask CloseWriteAsync(CancellationToken cancellationToken);

    /// <summary>Ends the stream at once, both ways.</summary>
    void Reset();
}

/// <summary>A message in a frame. Its memory is lent to the next frame unless a block of it is kept.</summary>
/// <param name="frame">The message without its length prefix.</param>
/// <param name="isDetached">Whether the reader of frames uses the memory no more.</param>
/// <param name="options">The limits, and whom the memory is from.</param>
/// <param name="room">The room it takes; null for one that takes none.</param>
internal sealed class FramedMessage(ReadOnlyMemory<byte> frame, bool isDetached, MessageOptions options, IMessageRoom? room) : IncomingMessage
{
    /// <inheritdoc/>
    public override int Size => frame.Length;

    /// <inheritdoc/>
    public override bool IsDetached => isDetached;

    /// <inheritdoc/>
    public override int Left => Decoder.Left;

    /// <inheritdoc/>
    public override int EntriesLeft => Decoder.EntriesLeft;

    // Made on the thread that decodes: it counts what the frame holds.
    private MessageDecoder Decoder => field ??= new MessageDecoder(frame, options.Wire, isDetached);

    /// <inheritdoc/>
    public override BitswapMessage ReadPart(int maxElements)
    {
        Decoder.TryRead(maxElements, out BitswapMessage? part);
        return part ?? throw new InvalidOperationException("The message has no more parts.");
    }

    /// <inheritdoc/>
    protected override void Release(bool isKept)
    {
        if (!isKept)
        {
            options.Memory.Return(frame);
        }

        room?.Dispose();
    }
}

using System.Buffers;
using Bitswap.Protocol;
using Bitswap.Protocol.Wire;

namespace Bitswap.Node.Peers;

/// <summary>The stream we write on, and whether the peer has ended it.</summary>
internal sealed class OutboundStream(IPeerStream stream, LinkOptions options, Task reading)
{
    /// <summary>The protocol negotiated.</summary>
    public string Protocol => stream.Protocol;

    /// <summary>Whether the peer has closed or reset the stream, so that what is written now would be lost.</summary>
    public bool IsOver => reading.IsCompleted;

    /// <summary>Writes a message, in several frames where it does not fit one.</summary>
    /// <exception cref="TimeoutException">The peer did not take it in the time its size allows.</exception>
    public async ValueTask WriteAsync(BitswapMessage message, BitswapVersion version, CancellationToken cancellationToken)
    {
        foreach (BitswapMessage part in MessageCodec.Split(message, version, options.Wire))
        {
            await WritePartAsync(part, version, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the stream in order: what was written still arrives.</summary>
    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await stream.CloseWriteAsync(cancellationToken).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // the peer was quicker to end it, which is as good
            stream.Reset();
        }
    }

    /// <summary>Ends the stream at once.</summary>
    public void Reset() => stream.Reset();

    private async ValueTask WritePartAsync(BitswapMessage part, BitswapVersion version, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MessageCodec.GetFrameSize(part, version));
        using CancellationTokenSource late = new(options.SendTime(buffer.Length), options.Clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            int length = MessageCodec.EncodeFrame(part, version, buffer);
            await stream.WriteAsync(buffer.AsMemory(0, length), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The peer did not take a message of {buffer.Length} bytes in {options.SendTime(buffer.Length)}.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

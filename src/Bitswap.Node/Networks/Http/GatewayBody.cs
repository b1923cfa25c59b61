using System.Buffers;
using System.Runtime.CompilerServices;

namespace Bitswap.Node.Networks.Http;

/// <summary>Reads the body of an answer: so many bytes and no more, in so much time and no more, in room that is reserved where it is large.</summary>
/// <param name="admission">Says when a large one may be read.</param>
/// <param name="options">Where large ones are read to, and the clock.</param>
/// <param name="timeout">How long nothing may come.</param>
internal sealed class GatewayBody(IMessageAdmission admission, MessageOptions options, TimeSpan timeout)
{
    // What needs no room of its own, as in a stream of frames.
    private const int SmallSize = 16 * 1024;

    /// <summary>Reads a body.</summary>
    /// <param name="response">Whose.</param>
    /// <param name="limit">How many bytes are taken.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The bytes, null where there are more than that; and the room they take.</returns>
    /// <exception cref="TimeoutException">It comes too slowly.</exception>
    /// <exception cref="IOException">It broke off.</exception>
    public async ValueTask<(ReadOnlyMemory<byte>? Data, IMessageRoom? Room)> ReadAsync(HttpResponseMessage response, int limit, CancellationToken cancellationToken)
    {
        long? length = response.Content.Headers.ContentLength;
        if (length > limit)
        {
            return (null, null);
        }

        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable owned = stream.ConfigureAwait(false);
        byte[] begin = [];
        if (length is null or <= SmallSize)
        {
            // One byte more is what tells that it is larger.
            byte[] small = new byte[Math.Min((int)(length ?? SmallSize), limit) + 1];
            int count = await FillAsync(stream, small, null, MessageOptions.TransferTime(small.Length), cancellationToken).ConfigureAwait(false);
            if (count < small.Length)
            {
                return (small.AsMemory(0, count), null);
            }

            if (count > limit)
            {
                return (null, null);
            }

            begin = small;
        }

        IMessageRoom room = await admission.ReserveAsync((int)(length ?? limit), cancellationToken).ConfigureAwait(false);
        try
        {
            ReadOnlyMemory<byte>? data = length is { } known
                ? await ReadKnownAsync(stream, (int)known, room, cancellationToken).ConfigureAwait(false)
                : await ReadUnknownAsync(stream, begin, limit, room, cancellationToken).ConfigureAwait(false);
            if (data is null)
            {
                room.Dispose();
                return (null, null);
            }

            room.IsWhole();
            return (data, room);
        }
        catch
        {
            room.Dispose();
            throw;
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReadKnownAsync(Stream stream, int length, IMessageRoom room, CancellationToken cancellationToken)
    {
        byte[] buffer = options.Memory.Rent(length);
        bool isWhole = false;
        try
        {
            int count = await FillAsync(stream, buffer.AsMemory(0, length), room, MessageOptions.TransferTime(length), cancellationToken).ConfigureAwait(false);
            isWhole = count == length;
            return isWhole ? buffer.AsMemory(0, length) : throw new EndOfStreamException($"it broke off after {count} of {length} bytes");
        }
        finally
        {
            if (!isWhole)
            {
                options.Memory.Return(buffer);
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReadUnknownAsync(Stream stream, byte[] begin, int limit, IMessageRoom room, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(limit + 1);
        try
        {
            begin.CopyTo(buffer, 0);
            room.Arrived(begin.Length);
            int count = begin.Length
                + await FillAsync(stream, buffer.AsMemory(begin.Length, limit + 1 - begin.Length), room, MessageOptions.TransferTime(limit), cancellationToken).ConfigureAwait(false);
            if (count > limit)
            {
                return null;
            }

            byte[] data = options.Memory.Rent(count);
            buffer.AsSpan(0, count).CopyTo(data);
            return data.AsMemory(0, count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads until the target is full or the body ends.</summary>
    private async ValueTask<int> FillAsync(Stream stream, Memory<byte> target, IMessageRoom? room, TimeSpan time, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(time, options.Clock);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken, room?.Token ?? CancellationToken.None);
        using SilenceLimit silence = new(timeout, options.Clock, over.Token);
        int count = 0;
        try
        {
            while (count < target.Length)
            {
                int read = await stream.ReadAsync(target[count..], silence.Begin()).ConfigureAwait(false);
                silence.End();
                if (read == 0)
                {
                    break;
                }

                count += read;
                room?.Arrived(read);
                if (room is not null)
                {
                    await admission.ArrivingAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            return count;
        }
        catch (OperationCanceledException) when (silence.IsOver)
        {
            throw new TimeoutException($"it broke off after {count} bytes: nothing came for {NodeErrors.Seconds(timeout)}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && (late.IsCancellationRequested || room?.IsLate == true))
        {
            throw new TimeoutException("it came too slowly");
        }
    }
}

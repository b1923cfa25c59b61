using Bitswap.Node.Networks.Http;

namespace Bitswap.Node.Routing.Http;

/// <summary>The body of a router's answer: so many bytes and no more, and no long silence in it.</summary>
internal sealed class RouterBody(Func<Memory<byte>, CancellationToken, ValueTask<int>> read, Uri router, RoutingOptions options, SilenceLimit silence)
{
    private static readonly byte[] _mark = [0xEF, 0xBB, 0xBF];
    private bool _hasBegun;
    private long _read;

    /// <summary>Reads some of it, without the byte order mark that it may begin with (RFC 8259 section 8.1); 0 at its end.</summary>
    /// <param name="destination">Where to; room for a mark at least.</param>
    /// <exception cref="BitswapException">
    /// InvalidRouterAnswer: it is too large, or not coded as it says. RouterUnreachable: it broke off, or nothing came for too long. NodeStopped.
    /// </exception>
    public async ValueTask<int> ReadAsync(Memory<byte> destination)
    {
        int length = await ReadSomeAsync(destination).ConfigureAwait(false);
        if (_hasBegun || length == 0)
        {
            return length;
        }

        _hasBegun = true;
        int more = length;
        while (more > 0 && length < _mark.Length && destination.Span[..length].SequenceEqual(_mark.AsSpan(0, length)))
        {
            more = await ReadSomeAsync(destination[length..]).ConfigureAwait(false);
            length += more;
        }

        if (!destination.Span[..length].StartsWith(_mark))
        {
            return length;
        }

        destination[_mark.Length..length].CopyTo(destination);
        length -= _mark.Length;
        return length > 0 ? length : await ReadSomeAsync(destination).ConfigureAwait(false);
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> destination)
    {
        int count;
        try
        {
            count = await read(destination, silence.Begin()).ConfigureAwait(false);
            silence.End();
        }
        catch (OperationCanceledException) when (silence.IsOver)
        {
            throw RoutingErrors.Silent(router, options.RouterTimeout);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            throw RoutingErrors.Unreachable(router, broken);
        }
        catch (InvalidDataException broken)
        {
            throw RoutingErrors.Invalid(router, "it is not compressed as it says, or it is cut.", broken);
        }
        catch (Exception stopped) when (silence.IsStopped(stopped))
        {
            throw NodeErrors.Stopped();
        }

        _read += count;
        return _read <= options.MaxRouterAnswerBytes ? count : throw RoutingErrors.TooLarge(router, options.MaxRouterAnswerBytes);
    }
}

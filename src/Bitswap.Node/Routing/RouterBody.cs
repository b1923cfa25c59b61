namespace Bitswap.Node.Routing;

/// <summary>The body of a router's answer: so many bytes and no more, and no long silence in it.</summary>
internal sealed class RouterBody(Stream stream, Uri router, RoutingOptions options, SilenceLimit silence)
{
    private long _read;

    /// <summary>Reads some of it; 0 at its end.</summary>
    /// <exception cref="BitswapException">InvalidRouterAnswer: it is too large. RouterUnreachable: it broke off, or nothing came for too long. NodeStopped.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> destination)
    {
        int read;
        try
        {
            read = await stream.ReadAsync(destination, silence.Begin()).ConfigureAwait(false);
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
        catch (Exception stopped) when (silence.IsStopped(stopped))
        {
            throw NodeErrors.Stopped();
        }

        _read += read;
        return _read <= options.MaxRouterAnswerBytes ? read : throw RoutingErrors.TooLarge(router, options.MaxRouterAnswerBytes);
    }
}

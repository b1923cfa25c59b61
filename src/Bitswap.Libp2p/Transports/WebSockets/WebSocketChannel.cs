using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Transports.WebSockets;

/// <summary>
/// Represents a WebSocket whose binary messages are one run of bytes (libp2p specs, websockets): where a message ends means nothing. A read that is cancelled ends the
/// connection, since the WebSocket of .NET does.
/// </summary>
/// <param name="socket">The open WebSocket, which is owned from here on.</param>
/// <param name="beneath">The connection that carries it, which is owned, too.</param>
internal sealed class WebSocketChannel(WebSocket socket, BufferedChannel beneath) : BufferedChannel
{
    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            await socket.SendAsync(data, WebSocketMessageType.Binary, endOfMessage: true, ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Abort();
            throw;
        }
        catch (Exception error) when (IsClosed(error))
        {
            throw Closed(error);
        }
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        socket.Abort();
        beneath.Abort();
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected override async ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult received = await socket.ReceiveAsync(destination, ct).ConfigureAwait(false);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    return 0;
                }
                if (received.MessageType == WebSocketMessageType.Text)
                {
                    Abort();
                    throw new Libp2pException(Libp2pErrorIds.ProtocolViolation, "The other side sent text on the WebSocket, where libp2p sends bytes.");
                }
                if (received.Count > 0)
                {
                    return received.Count;
                }
            }
        }
        catch (Exception error) when (IsClosed(error))
        {
            throw Closed(error);
        }
    }

    private static bool IsClosed(Exception error) => error is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException;

    private static Libp2pException Closed(Exception cause) =>
        new(Libp2pErrorIds.ConnectionClosed, $"The WebSocket is closed: {cause.Message}", cause);
}

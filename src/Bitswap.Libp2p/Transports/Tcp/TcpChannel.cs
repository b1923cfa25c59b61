using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>Represents a connected TCP socket as a <see cref="BufferedChannel"/>. It owns the socket and allocates nothing for a read or write.</summary>
internal sealed class TcpChannel : BufferedChannel
{
    private readonly Socket _socket;

    /// <summary>Takes <paramref name="socket"/>, which must be connected, and sets NoDelay: what is written here was collected before.</summary>
    /// <exception cref="Libp2pException">ConnectionClosed: the other side is gone already. The socket is disposed.</exception>
    public TcpChannel(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _socket = socket;
        try
        {
            _socket.NoDelay = true;
            LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
            RemoteEndPoint = (IPEndPoint)_socket.RemoteEndPoint!;
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw Closed(e);
        }
    }

    /// <summary>Gets this side's address.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Gets the other side's address.</summary>
    public IPEndPoint RemoteEndPoint { get; }

    /// <summary>Called whenever bytes came; for the time of a handshake.</summary>
    public Action? Received { get; set; }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        try
        {
            while (!data.IsEmpty)
            {
                int sent = await _socket.SendAsync(data, SocketFlags.None, ct).ConfigureAwait(false);
                data = data[sent..];
            }
        }
        catch (OperationCanceledException)
        {
            Abort();
            throw;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Closed(e);
        }
    }

    /// <inheritdoc/>
    public override void Abort() => _socket.Dispose();

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    protected override async ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken ct)
    {
        try
        {
            int count = await _socket.ReceiveAsync(destination, SocketFlags.None, ct).ConfigureAwait(false);
            if (count > 0)
            {
                Received?.Invoke();
            }
            return count;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Closed(e);
        }
    }

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    protected override async ValueTask WaitAsync(CancellationToken ct)
    {
        try
        {
            await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Closed(e);
        }
    }

    private static Libp2pException Closed(Exception cause) =>
        new(Libp2pErrorIds.ConnectionClosed, $"The TCP connection is closed: {cause.Message}", cause);
}

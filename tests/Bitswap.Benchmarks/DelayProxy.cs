using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Bitswap.Benchmarks;

/// <summary>
/// Makes a loopback port far away: what goes through arrives a delay later, each way, and at a rate if there is one. It holds what is on its way, as a long line does, so nothing waits
/// for anything but the delay and the rate.
/// </summary>
internal sealed class DelayProxy : IDisposable
{
    private const int PieceSize = 64 * 1024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _target;
    private readonly TimeSpan _delay;
    private readonly double _bytesPerSecond;

    public DelayProxy(int target, TimeSpan delay, double bytesPerSecond = 0)
    {
        _target = target;
        _delay = delay;
        _bytesPerSecond = bytesPerSecond;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _ = ServeAsync();
    }

    /// <summary>Gets the port to connect to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            Socket near;
            try
            {
                near = await _listener.AcceptAsync(_stop.Token);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = JoinAsync(near);
        }
    }

    private async Task JoinAsync(Socket near)
    {
        using Socket far = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (near)
        {
            near.NoDelay = true;
            await far.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            await Task.WhenAll(CarryAsync(near, far), CarryAsync(far, near));
        }
    }

    private async Task CarryAsync(Socket from, Socket to)
    {
        Channel<(byte[] Piece, long Due)> line = Channel.CreateUnbounded<(byte[], long)>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        Task delivering = DeliverAsync(line.Reader, to);
        try
        {
            byte[] buffer = new byte[PieceSize];
            long free = 0;
            int count;
            while ((count = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                long now = Stopwatch.GetTimestamp();
                free = Math.Max(free, now) + (_bytesPerSecond > 0 ? (long)(count / _bytesPerSecond * Stopwatch.Frequency) : 0);
                line.Writer.TryWrite((buffer[..count], free + (long)(_delay.TotalSeconds * Stopwatch.Frequency)));
                if (Stopwatch.GetElapsedTime(now, free) is { } behind && behind > _delay)
                {
                    // What does not fit on the line waits at its sender.
                    await Task.Delay(behind - _delay, _stop.Token);
                }
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One end is gone, and the other is to hear of it.
        }

        line.Writer.Complete();
        await delivering;
    }

    private async Task DeliverAsync(ChannelReader<(byte[] Piece, long Due)> line, Socket to)
    {
        try
        {
            await foreach ((byte[] piece, long due) in line.ReadAllAsync(_stop.Token))
            {
                TimeSpan wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, _stop.Token);
                }

                for (int sent = 0; sent < piece.Length;)
                {
                    sent += await to.SendAsync(piece.AsMemory(sent), _stop.Token);
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The receiver is gone: what is on its way is lost, as on a line that is cut.
            to.Dispose();
        }
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Bitswap.Node.Tests.PublicNetwork;

/// <summary>A port on loopback from which every byte takes a time to a server and back: a server that is far.</summary>
internal sealed class DelayedLine : IAsyncDisposable
{
    private const int PiecesUnderWay = 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _connections = [];
    private readonly int _port;
    private readonly TimeSpan _delay;
    private readonly Task _running;

    /// <param name="port">Where the server listens on loopback.</param>
    /// <param name="delay">How long each way takes.</param>
    public DelayedLine(int port, TimeSpan delay)
    {
        _port = port;
        _delay = delay;
        _listener.Start();
        _running = RunAsync();
    }

    /// <summary>Gets the port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _running;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The network is taken down.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient near = client;
        using TcpClient far = new() { NoDelay = true };
        near.NoDelay = true;
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _port, over.Token);
            await Task.WhenAny(CarryAsync(near, far, over.Token), CarryAsync(far, near, over.Token));
        }
        catch (Exception end) when (end is IOException or SocketException or OperationCanceledException)
        {
            // An end has closed, or the network is taken down.
        }

        await over.CancelAsync();
    }

    private async Task CarryAsync(TcpClient from, TcpClient to, CancellationToken over)
    {
        Channel<(byte[] Bytes, long Due)> line = Channel.CreateBounded<(byte[] Bytes, long Due)>(PiecesUnderWay);
        Task writing = WriteAsync();
        try
        {
            byte[] buffer = new byte[64 * 1024];
            int read;
            while ((read = await from.GetStream().ReadAsync(buffer, over)) > 0)
            {
                await line.Writer.WriteAsync((buffer[..read], Stopwatch.GetTimestamp() + (long)(_delay.TotalSeconds * Stopwatch.Frequency)), over);
            }
        }
        catch (Exception end) when (end is IOException or OperationCanceledException or InvalidOperationException)
        {
            // What is under way still arrives.
        }

        line.Writer.Complete();
        await writing;

        async Task WriteAsync()
        {
            try
            {
                await foreach ((byte[] bytes, long due) in line.Reader.ReadAllAsync(over))
                {
                    TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                    if (left > TimeSpan.Zero)
                    {
                        await Task.Delay(left, over);
                    }

                    await to.GetStream().WriteAsync(bytes, over);
                }
            }
            catch (Exception end) when (end is IOException or OperationCanceledException or InvalidOperationException)
            {
                // An end has closed, or the network is taken down.
            }
        }
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Bitswap.Node.Tests.Support;

/// <summary>An HTTP server on loopback whose every byte a test decides.</summary>
internal sealed partial class RouterServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<byte[]> _bodies = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Func<string, NetworkStream, CancellationToken, Task> _answer;
    private readonly Task _running;
    private int _isDisposed;

    /// <param name="answer">Answers a request, of which it is given the head; the connection is closed when it ends.</param>
    public RouterServer(Func<string, NetworkStream, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        Uri = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _running = RunAsync();
    }

    /// <summary>Where it listens.</summary>
    public Uri Uri { get; }

    /// <summary>The heads of the requests, in their order.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>The bodies of those that have one, in their order.</summary>
    public IReadOnlyCollection<byte[]> Bodies => _bodies;

    /// <summary>A server that answers everything with one status, type and body.</summary>
    public static RouterServer Of(string body, string type = "application/x-ndjson", string status = "200 OK") =>
        new((_, stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(Head(status, type, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}") + body), token).AsTask());

    /// <summary>A server that answers what a test makes of the path that is asked for; 404 for null.</summary>
    public static RouterServer ByPath(Func<string, string?> body, string type = "application/x-ndjson") => new((request, stream, token) =>
    {
        string? answer = body(request.Split(' ')[1]);
        return stream.WriteAsync(Encoding.UTF8.GetBytes(Head(answer is null ? "404 Not Found" : "200 OK", type) + answer), token).AsTask();
    });

    /// <summary>A server that answers everything with one body of bytes, coded as it says.</summary>
    public static RouterServer OfBytes(byte[] body, string type, string? coding) => new((_, stream, token) =>
    {
        string[] more = coding is null ? [] : [$"Content-Encoding: {coding}"];
        return stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(Head("200 OK", type, more)), .. body], token).AsTask();
    });

    /// <summary>The head of an answer.</summary>
    public static string Head(string status, string? type, params string[] more) =>
        string.Concat([$"HTTP/1.1 {status}\r\n", type is null ? "" : $"Content-Type: {type}\r\n", .. more.Select(line => line + "\r\n"), "Connection: close\r\n\r\n"]);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

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
        catch (Exception end) when (end is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // stopped
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        try
        {
            await using NetworkStream stream = client.GetStream();
            byte[] head = new byte[16 * 1024];
            int length = 0;
            int read;
            while (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0 && (read = await stream.ReadAsync(head.AsMemory(length), _stop.Token)) > 0)
            {
                length += read;
            }

            if (head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
            {
                // an HTTP client may open more connections than it then needs
                return;
            }

            int end = head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) + 4;
            string request = Encoding.UTF8.GetString(head, 0, end);
            if (ContentLength().Match(request) is { Success: true } found)
            {
                byte[] body = new byte[int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)];
                head.AsSpan(end, length - end).CopyTo(body);
                await stream.ReadExactlyAsync(body.AsMemory(length - end), _stop.Token);
                _bodies.Enqueue(body);
            }

            _requests.Enqueue(request);
            await _answer(request, stream, _stop.Token);
        }
        catch (Exception end) when (end is IOException or OperationCanceledException)
        {
            // the client has heard enough, or the test is over
        }
    }

    [GeneratedRegex(@"\r\nContent-Length: ([0-9]+)\r\n", RegexOptions.IgnoreCase)]
    private static partial Regex ContentLength();
}

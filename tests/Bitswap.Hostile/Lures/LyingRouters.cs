using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bitswap.Hostile.Lures;

/// <summary>Routers that name hundreds of providers that are none, that drip, or that never end.</summary>
internal sealed class LyingRouters : Lure
{
    // the most that a node names
    private const int MostRouters = 16;
    private const int Bogus = 500;
    private static readonly TimeSpan _drip = TimeSpan.FromMilliseconds(200);

    public override string Name => "lying routers";

    public override string Summary => "routers that name 500 providers which take a connection and say nothing, that drip a byte at a time, or whose answer never ends; at most 15";

    public override Task<Sources> StartAsync(Multiaddr provider, int liars, CancellationToken cancellationToken)
    {
        BlackHole hole = new(cancellationToken);
        string names = string.Concat(Enumerable.Range(0, Bogus).Select(_ => Record(hole.Nobody())));
        List<Uri> routers = [.. Enumerable.Range(0, Math.Min(liars, MostRouters - 1)).Select(i => Serve(
            (i % 3) switch
            {
                0 => (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(names), token).AsTask(),
                1 => (stream, token) => DripAsync(stream, names, token),
                _ => (stream, token) => NeverEndAsync(stream, names, token),
            },
            cancellationToken))];
        routers.Add(Serve((stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(Record(provider)), token).AsTask(), cancellationToken));
        return Task.FromResult(new Sources([], routers, []));
    }

    // IPIP-337, a line a provider
    private static string Record(Multiaddr address) =>
        $$"""{"Schema":"peer","ID":"{{address.PeerId}}","Addrs":["{{address.WithoutPeerId()}}"],"Protocols":["transport-bitswap"]}""" + "\n";

    private static async Task DripAsync(NetworkStream stream, string text, CancellationToken token)
    {
        foreach (byte next in Encoding.UTF8.GetBytes(text))
        {
            await stream.WriteAsync(new[] { next }, token);
            await Task.Delay(_drip, token);
        }
    }

    private static async Task NeverEndAsync(NetworkStream stream, string text, CancellationToken token)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        while (true)
        {
            await stream.WriteAsync(bytes, token);
        }
    }

    private static Uri Serve(Func<NetworkStream, CancellationToken, Task> answer, CancellationToken over)
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        _ = ServeAsync(listener, answer, over);
        return new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }

    private static async Task ServeAsync(TcpListener listener, Func<NetworkStream, CancellationToken, Task> answer, CancellationToken over)
    {
        using (listener)
        {
            while (!over.IsCancellationRequested)
            {
                _ = AnswerAsync(await listener.AcceptTcpClientAsync(over), answer, over);
            }
        }
    }

    private static async Task AnswerAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> answer, CancellationToken over)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                await ReadRequestAsync(stream, over);
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n"u8.ToArray(), over);
                await answer(stream, over);
            }
            catch (Exception end) when (end is IOException or SocketException or OperationCanceledException)
            {
                // whoever asked has heard enough
            }
        }
    }

    private static async Task ReadRequestAsync(NetworkStream stream, CancellationToken over)
    {
        using StreamReader reader = new(stream, Encoding.ASCII, leaveOpen: true);
        while (!string.IsNullOrEmpty(await reader.ReadLineAsync(over)))
        {
        }
    }
}

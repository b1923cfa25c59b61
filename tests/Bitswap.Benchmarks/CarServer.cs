using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Bitswap.Dag.Car;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Dag.Walk;

namespace Bitswap.Benchmarks;

/// <summary>A trustless gateway that does nothing but send the CAR of one file out of its memory.</summary>
internal static class CarServer
{
    /// <summary>Serves until its input ends. Writes its port, the root and the length of the CAR.</summary>
    /// <param name="size">Bytes of the file.</param>
    /// <param name="chunk">Bytes of its blocks.</param>
    /// <param name="rate">MiB that are sent a second; 0 for as many as may be.</param>
    public static async Task<int> RunAsync(int size, int chunk, int rate)
    {
        (Cid root, byte[] car) = await MakeAsync(size, chunk);
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{((IPEndPoint)listener.LocalEndpoint).Port} {root} {car.Length}"));
        using CancellationTokenSource stop = new();
        Task serving = ServeAsync(listener, root, car, rate, stop.Token);
        await Console.In.ReadToEndAsync();
        await stop.CancelAsync();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static async Task<(Cid Root, byte[] Car)> MakeAsync(int size, int chunk)
    {
        byte[] content = new byte[size];
        new Random(1).NextBytes(content);
        ConcurrentDictionary<Cid, byte[]> blocks = new();
        UnixFsImportOptions options = new() { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(chunk) } };
        using UnixFsImporter importer = new(options, (cid, data, _) =>
        {
            blocks[cid] = data.ToArray();
            return ValueTask.CompletedTask;
        });
        using MemoryStream stream = new(content);
        Cid root = (await importer.ImportAsync(stream)).Cid;
        using MemoryStream car = new(size + (size / 64) + 65_536);
        await using CarWriter writer = await CarWriter.CreateAsync(car, [root], leaveOpen: true);
        await foreach (DagWalkItem item in new DagWalker((cid, _) => new(blocks[cid])).WalkAsync([root]))
        {
            await writer.WriteAsync(item.Cid, item.Data);
        }

        return (root, car.ToArray());
    }

    private static async Task ServeAsync(TcpListener listener, Cid root, byte[] car, int rate, CancellationToken stop)
    {
        while (true)
        {
            Socket socket = await listener.AcceptSocketAsync(stop);
            _ = Task.Run(() => AnswerAsync(socket, root, car, rate, stop), stop);
        }
    }

    private static async Task AnswerAsync(Socket socket, Cid root, byte[] car, int rate, CancellationToken stop)
    {
        using Socket owned = socket;
        socket.NoDelay = true;
        byte[] head = new byte[16 * 1024];
        int there = 0;
        try
        {
            while (true)
            {
                int end;
                while ((end = head.AsSpan(0, there).IndexOf("\r\n\r\n"u8)) < 0)
                {
                    int read = await socket.ReceiveAsync(head.AsMemory(there), stop);
                    if (read == 0)
                    {
                        return;
                    }

                    there += read;
                }

                string request = Encoding.ASCII.GetString(head, 0, end);
                head.AsSpan(end + 4, there - end - 4).CopyTo(head);
                there -= end + 4;
                bool isCar = request.Contains($"/ipfs/{root}?format=car", StringComparison.Ordinal);
                bool isProbe = request.Contains("/ipfs/bafkqaaa", StringComparison.Ordinal);
                string answer = isCar ? $"200 OK\r\nContent-Type: application/vnd.ipld.car; version=1; order=dfs; dups=n\r\nContent-Length: {car.Length}"
                    : isProbe ? "200 OK\r\nContent-Length: 0"
                    : "404 Not Found\r\nContent-Length: 0";
                await SendAsync(socket, Encoding.ASCII.GetBytes($"HTTP/1.1 {answer}\r\n\r\n"), 0, stop);
                if (isCar && request.StartsWith("GET", StringComparison.Ordinal))
                {
                    await SendAsync(socket, car, rate, stop);
                }
            }
        }
        catch (SocketException)
        {
            // The client is gone.
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> data, int rate, CancellationToken stop)
    {
        long begun = Stopwatch.GetTimestamp();
        for (long sent = 0; data.Length > 0;)
        {
            int count = await socket.SendAsync(data[..Math.Min(data.Length, rate == 0 ? 1 << 20 : 1 << 18)], stop);
            data = data[count..];
            sent += count;
            TimeSpan early = rate == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(sent / (rate * 1048576.0)) - Stopwatch.GetElapsedTime(begun);
            if (early > TimeSpan.FromMilliseconds(2))
            {
                await Task.Delay(early, stop);
            }
        }
    }
}

using System.Diagnostics;
using System.Security.Cryptography;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node;

namespace Bitswap.Peer;

/// <summary>Moves a real file between two nodes over TCP, Noise and yamux, and shows what happened.</summary>
internal static class DemoCommand
{
    private const int BlockSize = 256 << 10;
    private const int MadeSize = 64 << 20;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        byte[] file = arguments.Rest.Count > 0 ? await File.ReadAllBytesAsync(arguments.Rest[0]) : TestBlocks.Data("demo", 0, MadeSize);
        Console.WriteLine($"File      {(arguments.Rest.Count > 0 ? arguments.Rest[0] : "made for the demo")}, {file.Length:N0} bytes");
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions());
        await using NodeHost getter = await NodeHost.StartAsync(new NodeOptions());
        Console.WriteLine($"Provider  {provider.Addresses[0]}");
        Console.WriteLine($"Getter    {getter.Addresses[0]}");

        List<Cid> cids = [];
        foreach (byte[] chunk in file.Chunk(BlockSize))
        {
            Cid cid = Cid.CreateV1(Multicodec.Raw, Multihash.Compute(MultihashCode.Sha256, chunk));
            await provider.PutBlockAsync(cid, chunk);
            cids.Add(cid);
        }

        Console.WriteLine($"Blocks    {cids.Count}, the first {cids.FirstOrDefault()}");
        await getter.ConnectAsync(provider.Addresses);

        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<NodeWant> wants = await getter.WantAsync(cids, new WantOptions { Session = getter.NewSession(), Timeout = TimeSpan.FromMinutes(1), FailFast = true });
        using IncrementalHash copy = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (NodeWant want in wants)
        {
            Block block = await want.Completion;
            copy.AppendData(block.Data.Span);
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        bool same = copy.GetHashAndReset().AsSpan().SequenceEqual(SHA256.HashData(file));
        Console.WriteLine($"Fetched   {file.Length:N0} bytes in {seconds:F3} s, {file.Length / 1048576.0 / seconds:F0} MiB/s");
        Console.WriteLine(same ? "Verified  the copy is the file, byte for byte" : "FAILED    the copy differs from the file");
        return same ? 0 : 1;
    }
}

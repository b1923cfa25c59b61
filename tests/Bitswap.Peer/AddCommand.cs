using System.Text.Json;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Node;
using Bitswap.Node.Content;

namespace Bitswap.Peer;

/// <summary>Adds what comes on standard input to a repository.</summary>
internal static class AddCommand
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        SizeChunker chunker = new(arguments.Number("--chunk", UnixFsProfile.V1_2025.Chunker.MaxSize));
        NodeOptions options = new() { Path = arguments.Required("--to"), ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")] };
        await using NodeHost node = await NodeHost.StartAsync(options);
        await using NodeImport import = node.BeginImport(new UnixFsImportOptions { Profile = UnixFsProfile.V1_2025 with { Chunker = chunker } });
        await using Stream input = Console.OpenStandardInput();
        UnixFsImport added = await import.AddAsync(input);
        Console.WriteLine(JsonSerializer.Serialize(new { cid = added.Cid.ToString() }));
        return 0;
    }
}

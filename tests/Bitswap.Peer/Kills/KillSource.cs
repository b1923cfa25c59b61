using System.Security.Cryptography;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Node;
using Bitswap.Node.Content;

namespace Bitswap.Peer.Kills;

/// <summary>A node that has two versions of a folder, for others to save.</summary>
internal sealed class KillSource : IAsyncDisposable
{
    private const int Files = 6;
    private readonly NodeHost _node;
    private readonly HashSet<string> _contents = [];

    private KillSource(NodeHost node) => _node = node;

    /// <summary>Its address.</summary>
    public Multiaddr Address => _node.Addresses[0];

    /// <summary>The two versions.</summary>
    public Cid[] Trees { get; private set; } = [];

    /// <summary>Reads its blocks.</summary>
    public BlockReader Reader => NodeBlocks.Local(_node);

    public static async Task<KillSource> StartAsync(string folder, Random random)
    {
        KillSource source = new(await NodeHost.StartAsync(new NodeOptions { ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")] }));
        source.Trees = [await source.AddAsync(Path.Combine(folder, "one"), random), await source.AddAsync(Path.Combine(folder, "two"), random)];
        return source;
    }

    /// <summary>Whether a file is one of either version, with all its bytes.</summary>
    public bool Has(string path) => _contents.Contains(HashOf(File.ReadAllBytes(path)));

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    private static string HashOf(byte[] content) => Convert.ToHexString(SHA256.HashData(content));

    private async Task<Cid> AddAsync(string folder, Random random)
    {
        string inner = Path.Combine(folder, "inner");
        Directory.CreateDirectory(inner);
        for (int i = 0; i < Files; i++)
        {
            byte[] content = new byte[random.Next(1, 400_000)];
            random.NextBytes(content);
            _contents.Add(HashOf(content));
            await File.WriteAllBytesAsync(Path.Combine(i % 2 == 0 ? folder : inner, $"file{i}"), content);
        }

        UnixFsImportOptions options = new() { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(16_384) } };
        await using NodeImport import = _node.BeginImport(options);
        return (await import.AddAsync(folder)).Cid;
    }
}

using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Node.Content;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>A node that walks graphs which a trustless gateway of the tests has.</summary>
public abstract class CarNode : GatewayNode
{
    private protected const string InOrder = "application/vnd.ipld.car; version=1; order=dfs; dups=n";

    private protected static async Task<byte[]> ReadAsync(NodeHost node, GraphRange range)
    {
        await using FetchSession session = new(node);
        session.Expect(range);
        return await ReadAsync(session, range);
    }

    private protected static Task<byte[]> ReadAsync(NodeHost node, Cid root) => ReadAsync(node, new GraphRange(root, GraphScope.Entity));

    private protected static async Task<byte[]> ReadAsync(FetchSession session, GraphRange range)
    {
        using CancellationTokenSource late = new(Patience);
        MemoryStream all = new();
        await foreach (ReadOnlyMemory<byte> piece in new UnixFsReader(session.Reader).ReadAsync(range.Root, range.From, range.Count, late.Token))
        {
            all.Write(piece.Span);
        }

        return all.ToArray();
    }

    /// <summary>Saves a folder, and returns the bytes of all its files by their paths' order.</summary>
    private protected static async Task<byte[]> SaveAsync(NodeHost node, Cid root, TempFolder folder)
    {
        await using FetchSession session = new(node, new FetchSessionOptions { Passing = true });
        SaveOptions options = new() { ReadsAll = cid => session.Expect(new GraphRange(cid, GraphScope.All)) };
        SaveResult saved = await new UnixFsSaver(new UnixFsReader(session.Reader), options).SaveAsync(root, folder.Path, "saved").WaitAsync(Patience);
        MemoryStream all = new();
        foreach (string file in Directory.EnumerateFiles(saved.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            all.Write(await File.ReadAllBytesAsync(file));
        }

        return all.ToArray();
    }
}

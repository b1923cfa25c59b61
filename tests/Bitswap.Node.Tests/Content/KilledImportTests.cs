using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Dag.Walk;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Interop;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Content;

/// <summary>An import in a process that is killed in its middle, as by a crash, and the store that it leaves.</summary>
public sealed class KilledImportTests : IDisposable
{
    private const int Chunk = 1024;
    private const int Chunks = 6000;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_store_is_whole_and_the_import_can_be_made_again()
    {
        byte[] content = new byte[Chunk * Chunks];
        new Random(1).NextBytes(content);

        // its input never ends, so that it cannot have come to its end
        await using (PeerProcess adder = PeerProcess.StartConsolePeer("add", "--to", _folder["repository"], "--chunk", $"{Chunk}"))
        {
            Task writing = adder.Input.WriteAsync(content).AsTask();
            await Poll.UntilAsync(() => StoredFiles().Count() > 500);
            await adder.KillAsync();
            await writing.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(_patience);
        }

        NodeOptions options = new() { Path = _folder["repository"], Network = new MemoryNetwork(seed: 1).CreatePeer() };
        await using NodeHost node = await NodeHost.StartAsync(options);
        int stored = 0;
        await foreach (StoredBlock block in node.Blocks.ListAsync(default))
        {
            ReadOnlyMemory<byte>? data = await node.ReadLocalAsync(block.Cid);
            Assert.True(data is { } whole && block.Cid.Hash.Matches(whole.Span), $"{block.Cid} is torn");
            stored++;
        }

        Assert.InRange(stored, 501, Chunks);

        UnixFsImportOptions cut = new() { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(Chunk) } };
        await using NodeImport import = node.BeginImport(cut);
        Cid root = (await import.AddAsync(new MemoryStream(content)).WaitAsync(_patience)).Cid;
        using UnixFsImporter elsewhere = new(cut, null);
        Assert.Equal((await elsewhere.ImportAsync(new MemoryStream(content))).Cid, root);
        long blocks = 0;
        await foreach (DagWalkItem item in new DagWalker(NodeBlocks.Local(node)).WalkAsync([root]))
        {
            Assert.Equal(DagWalkState.Present, item.State);
            blocks++;
        }

        Assert.Equal(Chunks + 7, blocks);
    }

    // the blocks under their names; what is aside has another ending
    private IEnumerable<string> StoredFiles() => Directory.Exists(_folder["repository/blocks"])
        ? Directory.EnumerateFiles(_folder["repository/blocks"], "*.data", SearchOption.AllDirectories)
        : [];
}

using Bitswap.Dag.Abstractions;
using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Import.Chunking;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests.Content;

/// <summary>A save from a peer that takes its time with each block, by a clock that the test moves.</summary>
public sealed class SlowSaveTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_time_of_silence_is_for_each_block_and_not_for_the_whole()
    {
        FakeTimeProvider clock = new();
        MemoryNetwork network = new(seed: 1);
        GatedBlockstore slow = new(reads: 0);
        await using NodeHost provider = await NodeHost.StartAsync(new NodeOptions { Network = network.CreatePeer(), Blockstore = slow });
        await using NodeHost getter = await NodeHost.StartAsync(new NodeOptions { Network = network.CreatePeer() });
        byte[] content = new byte[10_000];
        new Random(1).NextBytes(content);
        Cid root = await AddAsync(provider, content);
        await getter.ConnectAsync(provider.Addresses);
        await using FetchSession session = new(getter, new FetchSessionOptions { Silence = TimeSpan.FromSeconds(30) }, clock);
        UnixFsSaver saver = new(new UnixFsReader(session.Reader, new ReadLimits { ReadAheadBlocks = 1 }));

        // ten leaves and their root, 29 seconds each: five minutes
        Task<SaveResult> save = saver.SaveAsync(root, _folder.Path, "slow");
        for (int block = 1; block <= 11; block++)
        {
            await Poll.UntilAsync(() => slow.Held == block);
            clock.Advance(TimeSpan.FromSeconds(29));
            slow.AdmitReads(1);
        }

        await save.WaitAsync(_patience);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(_folder.Path, "slow")));

        // one second more for a single block is too long
        content[0] ^= 1;
        Cid other = await AddAsync(provider, content);
        Task<SaveResult> vain = saver.SaveAsync(other, _folder.Path, "never");
        await Poll.UntilAsync(() => slow.Held == 12);
        clock.Advance(TimeSpan.FromSeconds(31));
        BitswapException failure = await Assert.ThrowsAsync<BlockUnavailableException>(() => vain.WaitAsync(_patience));
        Assert.Equal(("Timeout", other), (failure.ErrorId, failure.Subject));
    }

    private static async Task<Cid> AddAsync(NodeHost node, byte[] content)
    {
        UnixFsImportOptions options = new() { Profile = UnixFsProfile.V1_2025 with { Chunker = new SizeChunker(1000) } };
        await using NodeImport import = node.BeginImport(options);
        return (await import.AddAsync(new MemoryStream(content))).Cid;
    }
}

using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Repositories;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Repositories;

/// <summary>A repository on a disk that is full, and on one that may only be read.</summary>
public sealed class FullDiskTests
{
    private readonly MemoryNetwork _network = new(seed: 1);

    [Fact]
    public async Task On_a_full_disk_it_opens_and_reads_and_removes_and_clears_and_lets_pins_go()
    {
        using SmallDisk disk = SmallDisk.MakeOrSkip(kibibytes: 1024);
        Block[] blocks = Samples.Blocks(4, 10_000);
        await using (NodeHost first = await StartAsync(disk))
        {
            await Samples.PutAsync(first, blocks);
            await first.PinAsync(blocks[0].Cid, recursive: true, "kept");
            await first.PinAsync(blocks[1].Cid, recursive: true, "let go");
        }

        disk.Fill();
        await using (NodeHost node = await StartAsync(disk))
        {
            Assert.Empty(node.Warnings);
            foreach (Block block in blocks)
            {
                Assert.True((await node.ReadLocalAsync(block.Cid))!.Value.Span.SequenceEqual(block.Data.Span));
            }

            Block more = Samples.Block(9, 100_000);
            Assert.Equal("StoreFailed", (await Assert.ThrowsAsync<BitswapException>(async () => await node.PutBlockAsync(more.Cid, more.Data))).ErrorId);
            Assert.Null(await node.ReadLocalAsync(more.Cid));

            // the list of pins is written in place where there is no room for another one, as long as it gets shorter
            await Assert.ThrowsAsync<BitswapException>(() => node.PinAsync(blocks[2].Cid, recursive: true, "more"));
            Assert.True(await node.Pins.RemoveAsync(blocks[1].Cid));
            Assert.True(await node.RemoveBlockAsync(blocks[3].Cid));
            await using StoreCollection collection = await node.BeginCollectionAsync();
            Assert.Equal(2, await collection.RemoveAsync().CountAsync());
        }

        File.Delete(disk["filler"]);
        await using NodeHost last = await StartAsync(disk);
        Assert.Equal((blocks[0].Cid, "kept"), (Assert.Single(last.Pins.List()).Cid, last.Pins.List()[0].Name));
        Assert.NotNull(await last.ReadLocalAsync(blocks[0].Cid));
        Assert.Empty(Directory.GetFiles(disk["repository"], ".pins-*"));
        Assert.Equal(1, await last.Blocks.ListAsync(default).CountAsync());
    }

    [Fact]
    public async Task One_that_cannot_be_written_to_is_read_by_many_and_says_so()
    {
        using SmallDisk disk = SmallDisk.MakeOrSkip(kibibytes: 1024);
        Block[] blocks = Samples.Blocks(2);
        await using (NodeHost first = await StartAsync(disk))
        {
            await Samples.PutAsync(first, blocks);
            await first.PinAsync(blocks[0].Cid, recursive: true);
        }

        disk.MakeReadOnly();
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { Path = disk["repository"] });
        Assert.Contains("cannot be written to", Assert.Single(node.Warnings));
        await using (Repository other = await Repository.OpenAsync(disk["repository"], null, default))
        {
            Assert.True(other.IsReadOnly);
            Assert.Equal(other.Identity.PeerId, node.PeerId);
        }

        // it serves, and refuses what it cannot do
        await using NodeHost client = await NodeHost.StartAsync(new NodeOptions());
        await client.ConnectAsync(node.Addresses);
        Assert.Equal(blocks[1].Data.ToArray(), (await client.GetBlockAsync(blocks[1].Cid, new WantOptions { Timeout = TimeSpan.FromSeconds(30) })).Data.ToArray());
        await node.PutBlockAsync(blocks[1].Cid, blocks[1].Data);
        Block more = Samples.Block(9);
        await RefusedAsync(() => node.PutBlockAsync(more.Cid, more.Data).AsTask());
        await RefusedAsync(() => node.RemoveBlockAsync(blocks[1].Cid).AsTask());
        await RefusedAsync(() => node.Pins.RemoveAsync(blocks[0].Cid).AsTask());
        await RefusedAsync(() => node.PinAsync(blocks[1].Cid, recursive: false));
        Assert.NotNull(node.Pins.Find(blocks[0].Cid));
    }

    [Fact]
    public async Task What_is_no_repository_and_cannot_become_one_is_an_error()
    {
        using SmallDisk disk = SmallDisk.MakeOrSkip(kibibytes: 1024);
        Directory.CreateDirectory(disk["repository"]);
        disk.MakeReadOnly();
        BitswapException error = await Assert.ThrowsAsync<BitswapException>(() => StartAsync(disk));
        Assert.Equal("StoreFailed", error.ErrorId);
        Assert.Contains(disk["repository"], error.Message);
    }

    private static async Task RefusedAsync(Func<Task> call) => Assert.Equal("StoreFailed", (await Assert.ThrowsAsync<BitswapException>(call)).ErrorId);

    private Task<NodeHost> StartAsync(SmallDisk disk) => NodeHost.StartAsync(new NodeOptions { Path = disk["repository"], Network = _network.CreatePeer() });
}

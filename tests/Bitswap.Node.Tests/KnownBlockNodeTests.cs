using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests;

/// <summary>What follows from a CID alone is there in every node, and no peer is asked for it.</summary>
public sealed class KnownBlockNodeTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly MemoryNetwork _network = new(seed: 4);

    public static TheoryData<ulong, string> Known => new()
    {
        { MultihashCode.Sha256, "" },
        { MultihashCode.Blake3, "" },
        { MultihashCode.Identity, "" },
        { MultihashCode.Identity, "in the CID" },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public async Task It_is_read_sized_and_got_without_being_stored_or_asked_for(ulong hash, string text)
    {
        byte[] data = System.Text.Encoding.UTF8.GetBytes(text);
        Cid cid = Cid.Compute(Multicodec.Raw, data, hash);
        await using NodeHost node = await StartAsync();
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        await peer.ConnectAsync(node);
        await Poll.UntilAsync(() => node.IsConnected(peer.PeerId));

        Assert.Equal(data, (await node.ReadLocalAsync(cid))!.Value.ToArray());
        Assert.Equal(data.Length, await node.GetLocalSizeAsync(cid));
        await using (FetchSession session = new(node))
        {
            foreach (BlockReader reader in (BlockReader[])[session.Reader, NodeBlocks.Local(node)])
            {
                Assert.Equal(data, (await reader(cid, default).AsTask().WaitAsync(_patience)).ToArray());
            }
        }

        NodeWant want = await node.WantAsync(cid, new WantOptions { FailFast = true });
        Assert.Equal(data, (await want.Completion.WaitAsync(_patience)).Data.ToArray());
        Assert.Null(want.From);
        Assert.Equal(0, ((MemoryBlockstore)node.Blocks).Count);

        // what the node sends next is the first that it sends
        Cid other = Samples.Block(1).Cid;
        NodeWant asked = await node.WantAsync(other, new WantOptions());
        Assert.Equal(other, Assert.Single((await peer.ReceiveAsync()).Wantlist).Cid);
        await asked.CancelAsync();
    }

    [Fact]
    public async Task The_block_of_zero_bytes_is_served_without_being_stored()
    {
        Cid cid = Cid.Compute(Multicodec.Raw, []);
        await using NodeHost node = await StartAsync();
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        await peer.ConnectAsync(node);

        await peer.SendAsync(node, new BitswapMessage { Wantlist = [new WantlistEntry(cid)] });

        Block sent = Assert.Single((await peer.ReceiveAsync()).Blocks);
        Assert.Equal(cid, sent.Cid);
        Assert.True(sent.Data.IsEmpty);
    }

    [Fact]
    public async Task What_an_identity_CID_holds_is_checked_when_it_is_put_and_not_stored()
    {
        Cid cid = Cid.Compute(Multicodec.Raw, "held"u8, MultihashCode.Identity);
        await using NodeHost node = await StartAsync();

        await node.PutBlockAsync(cid, "held"u8.ToArray());
        BitswapException wrong = await Assert.ThrowsAsync<BitswapException>(() => node.PutBlockAsync(cid, "other"u8.ToArray()).AsTask());

        Assert.Equal("InvalidBlock", wrong.ErrorId);
        Assert.Equal(0, ((MemoryBlockstore)node.Blocks).Count);
        Assert.False(await node.RemoveBlockAsync(cid));
    }

    [Fact]
    public async Task A_collection_takes_of_it_what_is_stored_and_nothing_else()
    {
        Cid nothing = Cid.Compute(Multicodec.Raw, []);
        Cid inline = Cid.Compute(Multicodec.DagPb, new DagPbNode([new DagPbLink(nothing, "empty", 0)], null).ToByteArray(), MultihashCode.Identity);
        byte[] root = new DagPbNode([new DagPbLink(inline, "folder", 0)], null).ToByteArray();
        await using NodeHost node = await StartAsync();
        Cid cid = Cid.Compute(Multicodec.DagPb, root);
        await node.PutBlockAsync(cid, root);

        Assert.Equal([cid], await CandidatesAsync(node, cid));
        await node.PutBlockAsync(nothing, default);
        Assert.Equal([cid, nothing], await CandidatesAsync(node, cid));
    }

    private static async Task<IEnumerable<Cid>> CandidatesAsync(NodeHost node, Cid root)
    {
        await using StoreCollection collection = await node.BeginCollectionAsync([root]);
        return [.. collection.Candidates.Select(block => block.Cid)];
    }

    private Task<NodeHost> StartAsync() => NodeHost.StartAsync(new NodeOptions { Network = _network.CreatePeer(), Seed = 1 });
}

using Bitswap.Dag.Links;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.Walk;
using Bitswap.Multiformats;
using Bitswap.Node.Content;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Networks.Http;

/// <summary>A graph that is walked comes from a trustless gateway by one request.</summary>
public sealed class CarTests : CarNode
{
    [Theory]
    [InlineData(false, "HTTP/1.1")]
    [InlineData(true, "HTTP/2")]
    public async Task A_file_comes_by_one_request(bool isSecure, string protocol)
    {
        SampleGraph file = await SampleGraph.FileAsync(1, 3_000_000, 65_536);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks, isSecure);
        await using NodeHost node = await StartAsync(gateway);

        byte[] got = await ReadAsync(node, file.Root);

        Assert.Equal(file.Content, got);
        TestRequest request = Assert.Single(gateway.Requests);
        Assert.Equal(new TestRequest("GET", $"/ipfs/{file.Root}", "?format=car&dag-scope=entity&car-version=1&car-order=dfs&car-dups=n", InOrder, protocol), request);
        PeerSnapshot peer = Assert.Single(await node.GetPeersAsync());
        Assert.Equal(file.Blocks.Sum(block => block.Data.Length), peer.Ledger!.BytesReceived);
        Assert.Equal(0, (await node.GetStatAsync()).Engine.UnwantedBlocks);
    }

    [Fact]
    public async Task A_folder_of_a_thousand_files_is_saved_by_one_request()
    {
        using TempFolder folder = new();
        SampleGraph tree = await SampleGraph.FolderAsync(folders: 50, files: 20, size: 3000, chunk: 1024);
        await using TestGateway gateway = await TestGateway.StartAsync(tree.Blocks);
        await using NodeHost node = await StartAsync(gateway);

        byte[] saved = await SaveAsync(node, tree.Root, folder);

        Assert.Equal(tree.Content, saved);
        Assert.Contains("dag-scope=all", Assert.Single(gateway.CarRequests).Query);
        Assert.Empty(gateway.BlockRequests);
    }

    [Fact]
    public async Task A_graph_that_is_walked_whole_comes_by_one_request()
    {
        SampleGraph tree = await SampleGraph.FolderAsync(folders: 10, files: 10, size: 3000, chunk: 1024);
        await using TestGateway gateway = await TestGateway.StartAsync(tree.Blocks);
        await using NodeHost node = await StartAsync(gateway);
        await using FetchSession session = new(node);
        session.Expect(new GraphRange(tree.Root, GraphScope.All));
        List<Cid> found = [];
        await foreach (DagWalkItem item in new DagWalker(session.Reader).WalkAsync([tree.Root]))
        {
            Assert.Equal(DagWalkState.Present, item.State);
            found.Add(item.Cid);
        }

        Assert.Equal(tree.Blocks.Select(block => block.Cid).ToHashSet(), found.ToHashSet());
        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task The_shards_of_a_folder_come_by_one_request_and_its_files_do_not()
    {
        SampleGraph folder = await SampleGraph.ShardedFolderAsync(files: 1500);
        Assert.InRange(folder.Blocks.Count(block => block.Cid.Codec == Multicodec.DagPb), 50, 500);
        await using TestGateway gateway = await TestGateway.StartAsync(folder.Blocks);
        await using NodeHost node = await StartAsync(gateway);
        await using FetchSession session = new(node);

        session.Expect(new GraphRange(folder.Root, GraphScope.Entity) { Count = 1 });
        int listed = 0;
        await foreach (UnixFsEntry entry in new UnixFsReader(session.Reader).ListAsync(folder.Root, recurse: false))
        {
            listed += entry.Depth;
        }

        Assert.Equal(1500, listed);
        Assert.Contains("&dag-scope=entity&entity-bytes=0:0&", Assert.Single(gateway.Requests).Query);
        Assert.Equal(folder.Blocks.Count(block => block.Cid.Codec == Multicodec.DagPb), gateway.Cars.Sent);
    }

    [Fact]
    public async Task Of_a_file_that_is_listed_little_comes()
    {
        SampleGraph file = await SampleGraph.FileAsync(20, 3_000_000, 65_536);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        await using NodeHost node = await StartAsync(gateway);
        await using FetchSession session = new(node);

        session.Expect(new GraphRange(file.Root, GraphScope.Entity) { Count = 1 });
        UnixFsEntry entry = Assert.Single(await new UnixFsReader(session.Reader).ListAsync(file.Root, recurse: false).ToListAsync());

        Assert.Equal(3_000_000, entry.Size);
        Assert.Single(gateway.Requests);
        await Poll.UntilAsync(() => gateway.Cars.Sent == 2, "the root and the first bytes are sent");
    }

    [Fact]
    public async Task A_walk_that_leaves_much_out_has_little_come_in_vain()
    {
        // Of each file the first block is taken, and the rest of it is not.
        SampleGraph tree = await SampleGraph.FolderAsync(folders: 1, files: 4, size: 20_000_000, chunk: 250_000);
        await using TestGateway gateway = await TestGateway.StartAsync(tree.Blocks);
        await using NodeHost node = await StartAsync(gateway);
        await using FetchSession session = new(node);

        session.Expect(new GraphRange(tree.Root, GraphScope.All) { IsPartial = true });
        Cid folder = Assert.Single(DagLinks.Read(tree.Root, await session.ReadAsync(tree.Root)));
        foreach (Cid file in DagLinks.Read(folder, await session.ReadAsync(folder)))
        {
            await session.ReadAsync(DagLinks.Read(file, await session.ReadAsync(file))[0]);
        }

        // The first file comes with the folders; then there is no room to read on to the next: 16 blocks are held, and the sockets take as many as the system lets them. All are 330.
        Assert.Single(gateway.CarRequests);
        Assert.Equal(6, gateway.BlockRequests.Count);
        Assert.InRange(gateway.Cars.Sent, 4, 200);
    }

    [Theory]
    [InlineData(0, 100_000L, "0:99999")]
    [InlineData(700_000, 50_000L, "700000:749999")]
    [InlineData(900_000, null, "900000:*")]
    [InlineData(900_000, long.MaxValue, "900000:*")]
    public async Task Of_a_range_only_its_blocks_come(long from, long? count, string asked)
    {
        SampleGraph file = await SampleGraph.FileAsync(2, 1_000_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        await using NodeHost node = await StartAsync(gateway);

        byte[] got = await ReadAsync(node, new GraphRange(file.Root, GraphScope.Entity) { From = from, Count = count });

        Assert.Equal(file.Content.Skip((int)from).Take((int)Math.Min(count ?? int.MaxValue, file.Content.Length)), got);
        Assert.Contains($"&dag-scope=entity&entity-bytes={asked}&", Assert.Single(gateway.Requests).Query);
        Assert.InRange(gateway.Cars.Sent, 6, 12);
    }

    [Fact]
    public async Task What_a_header_names_as_root_is_of_no_meaning()
    {
        SampleGraph file = await SampleGraph.FileAsync(3, 200_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.Cars.Root = Sample.Cid;
        gateway.Cars.Type = "application/vnd.ipld.car";
        await using NodeHost node = await StartAsync(gateway);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task Blocks_that_come_twice_are_taken_once()
    {
        SampleGraph file = await SampleGraph.FileOfAsync([.. Enumerable.Range(0, 40).SelectMany(i => new byte[10_000].Select(_ => (byte)(i % 4)))], 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.Cars.Type = "application/vnd.ipld.car; version=1; order=dfs; dups=y";
        gateway.Cars.Arrange = static blocks => blocks.SelectMany(block => new[] { block, block, block });
        await using NodeHost node = await StartAsync(gateway);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Single(gateway.Requests);
        Assert.Equal(0, (await node.GetStatAsync()).Engine.DuplicateBlocks);
    }

    [Fact]
    public async Task Another_order_is_as_good_where_there_is_room()
    {
        SampleGraph file = await SampleGraph.FileAsync(4, 1_000_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.Cars.Type = "application/vnd.ipld.car; version=1; order=unk";
        gateway.Cars.Arrange = static blocks => blocks.Reverse();
        await using NodeHost node = await StartAsync(gateway);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Single(gateway.Requests);
    }

    [Fact]
    public async Task Beyond_what_may_be_held_another_order_ends_in_requests_for_blocks()
    {
        SampleGraph file = await SampleGraph.FileAsync(5, 6 << 20, 1 << 18);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        gateway.Cars.Arrange = static blocks => blocks.Reverse();
        await using NodeHost node = await StartAsync(gateway, http => http with { MaxCarBytes = 1 << 20 });

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.Single(gateway.CarRequests);
        Assert.NotEmpty(gateway.BlockRequests);
    }

    [Fact]
    public async Task A_tree_larger_than_what_may_be_held_is_saved_although_its_folders_are_read_first()
    {
        using TempFolder folder = new();
        SampleGraph tree = await SampleGraph.FolderAsync(folders: 8, files: 4, size: 300_000, chunk: 100_000);
        await using TestGateway gateway = await TestGateway.StartAsync(tree.Blocks);
        await using NodeHost node = await StartAsync(gateway, http => http with { MaxCarBytes = 1 << 20 });

        Assert.Equal(tree.Content, await SaveAsync(node, tree.Root, folder));

        // The folders and the roots of files that the check wanted before their turn, and of the rest what took too long on a busy machine.
        Assert.Single(gateway.CarRequests);
        Assert.InRange(gateway.BlockRequests.Count, 1, tree.Blocks.Count - 10);
    }

    [Fact]
    public async Task Other_wants_do_not_wait_for_a_CAR()
    {
        SampleGraph file = await SampleGraph.FileAsync(6, 1_000_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync([.. file.Blocks, Sample]);
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource free = new(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Cars.Before = async (sent, aborted) =>
        {
            if (sent == 20)
            {
                reached.TrySetResult();
                await free.Task.WaitAsync(aborted);
            }
        };
        await using NodeHost node = await StartAsync(gateway, http => http with { GatewayTimeout = Patience });
        Task<byte[]> reading = ReadAsync(node, file.Root);
        await reached.Task.WaitAsync(Patience);

        await FetchAsync(node, Sample.Cid);
        Assert.False(reading.IsCompleted);
        free.SetResult();

        Assert.Equal(file.Content, await reading);
        Assert.Equal([Sample.Cid.ToString()], gateway.BlockRequests.Select(request => request.Path.Split('/')[^1]));
    }

    [Fact]
    public async Task A_CAR_ends_with_its_walk()
    {
        SampleGraph file = await SampleGraph.FileAsync(7, 1_000_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        gateway.Cars.Before = async (sent, aborted) =>
        {
            if (sent == 5)
            {
                aborted.Register(ended.SetResult);
                await Task.Delay(Timeout.InfiniteTimeSpan, aborted);
            }
        };
        await using NodeHost node = await StartAsync(gateway, http => http with { GatewayTimeout = Patience });
        await using (FetchSession session = new(node))
        {
            session.Expect(new GraphRange(file.Root, GraphScope.All));
            await session.ReadAsync(file.Root);
        }

        await ended.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_CAR_is_of_use_beside_a_peer_that_sends_the_same()
    {
        MemoryNetwork network = new(seed: 4);
        SampleGraph file = await SampleGraph.FileAsync(8, 2_000_000, 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        await using NodeHost peer = await NodeHost.StartAsync(new NodeOptions { Network = network.CreatePeer() });
        await Samples.PutAsync(peer, file.Blocks);
        await using NodeHost node = await StartAsync(gateway, configure: options => options with { Network = network.CreatePeer() });
        await node.ConnectAsync(peer.Addresses);

        Assert.Equal(file.Content, await ReadAsync(node, file.Root));
        Assert.InRange(gateway.CarRequests.Count, 0, 1);
        Assert.Equal(0, (await node.GetStatAsync()).Engine.UnwantedBlocks);
    }

    [Theory]
    [InlineData("MaxCarBytes")]
    [InlineData("RequestsPerGateway")]
    [InlineData("stored")]
    [InlineData("raw")]
    [InlineData("unexpected")]
    public async Task No_CAR_is_asked_for_where_it_is_of_no_use(string why)
    {
        SampleGraph file = await SampleGraph.FileAsync(9, 100_000, why == "raw" ? 1 << 20 : 10_000);
        await using TestGateway gateway = await TestGateway.StartAsync(file.Blocks);
        await using NodeHost node = await StartAsync(gateway, http => why switch
        {
            "MaxCarBytes" => http with { MaxCarBytes = 0 },
            "RequestsPerGateway" => http with { RequestsPerGateway = 1 },
            _ => http,
        });
        if (why == "stored")
        {
            await Samples.PutAsync(node, file.Blocks.Where(block => block.Cid.Equals(file.Root)));
        }

        await using FetchSession session = new(node);
        GraphRange range = new(file.Root, GraphScope.All);
        if (why != "unexpected")
        {
            session.Expect(range);
        }

        Assert.Equal(file.Content, await ReadAsync(session, range));
        Assert.Empty(gateway.CarRequests);
        Assert.NotEmpty(gateway.BlockRequests);
    }
}

using System.Text.Json;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Import;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Node.Content;

namespace Bitswap.Node.Tests.Interop;

/// <summary>Folders shared by Helia and saved by us, and the other way round, also when who shares them is killed in the middle and comes back.</summary>
public sealed class HeliaTripTests(HeliaInstallation helia, TripTree tree) : IClassFixture<HeliaInstallation>, IClassFixture<TripTree>, IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_tree_that_Helia_shares_is_saved_byte_for_byte()
    {
        await using PeerProcess peer = helia.Start(Add());
        (Multiaddr address, Cid root) = await SharedAsync(peer);
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        await node.ConnectAsync([address]);
        await using FetchSession session = new(node);
        UnixFsReader reader = new(session.Reader);

        SaveResult saved = await new UnixFsSaver(reader).SaveAsync(root, _folder.Path, "copy").WaitAsync(_patience);

        tree.AssertSame(saved.Path);
        Assert.Equal(tree.Bytes, saved.Bytes);
        Assert.Equal(UnixFsType.HamtShard, await TypeOfAsync(node, reader, root, "many"));
    }

    [Fact]
    public async Task A_tree_that_we_share_is_saved_by_Helia_byte_for_byte()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        using UnixFsImporter importer = new(TripTree.Import, (cid, data, token) => node.PutBlockAsync(cid, data.ToArray(), token));
        Cid root = (await importer.ImportAsync(tree.Path)).Cid;
        Assert.Equal(UnixFsType.HamtShard, await TypeOfAsync(node, new UnixFsReader(NodeBlocks.Local(node)), root, "many"));

        await using PeerProcess peer = helia.Start(Save(node.Addresses[0], root));
        JsonElement told = await peer.ReadAsync();

        Assert.Equal(1, told.GetProperty("tries").GetInt32());
        tree.AssertSame(_folder["copy"]);
    }

    [Fact]
    public async Task A_save_goes_on_when_Helia_is_killed_at_half_and_comes_back()
    {
        PeerProcess first = helia.Start(Add("--seedkey", "a save goes on"));
        (Multiaddr address, Cid root) = await SharedAsync(first);
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        await node.ConnectAsync([address]);
        await using FetchSession session = new(node, new FetchSessionOptions { Silence = _patience });
        TaskCompletionSource half = new(TaskCreationOptions.RunContinuationsAsynchronously);
        UnixFsReader reader = new(async (cid, token) =>
        {
            ReadOnlyMemory<byte> block = await session.ReadAsync(cid, token);
            if (session.BytesFetched > tree.Bytes / 2)
            {
                half.TrySetResult();
            }

            return block;
        });
        Task<SaveResult> save = new UnixFsSaver(reader).SaveAsync(root, _folder.Path, "copy");
        await half.Task.WaitAsync(_patience);
        Assert.False(save.IsCompleted, "It was over before it was at half.");
        await first.KillAsync();
        await first.DisposeAsync();

        await using PeerProcess second = helia.Start(Add("--seedkey", "a save goes on", "--listen", address.WithoutPeerId().ToString()));
        SaveResult saved = await save.WaitAsync(_patience);

        tree.AssertSame(saved.Path);
        Assert.InRange((await node.GetStatAsync()).Engine.DuplicateBytes, 0, tree.Bytes / 4);
    }

    [Fact]
    public async Task Helia_goes_on_with_a_save_when_we_are_killed_at_half_and_come_back()
    {
        PeerProcess first = Share();
        JsonElement told = await first.ReadAsync();
        Multiaddr address = Multiaddr.Parse(told.GetProperty("addr").GetString()!);
        Cid root = Cid.Parse(told.GetProperty("roots")[0].GetString()!);
        await using PeerProcess peer = helia.Start([.. Save(address, root), "--tell", $"{told.GetProperty("blocks").GetInt32() / 2}"]);
        await peer.ReadAsync();
        await first.KillAsync();
        await first.DisposeAsync();

        await using PeerProcess second = Share("--listen", address.WithoutPeerId().ToString());
        JsonElement result = await peer.ReadAsync();

        Assert.True(result.GetProperty("tries").GetInt32() > 1, "It was over before it was interrupted.");
        tree.AssertSame(_folder["copy"]);
    }

    private static async Task<UnixFsType> TypeOfAsync(NodeHost node, UnixFsReader reader, Cid root, string name)
    {
        Cid cid = (await reader.ResolveAsync(ContentPath.Parse($"/ipfs/{root}/{name}"))).Cid;
        return UnixFsData.Decode(DagPbNode.Decode((await node.ReadLocalAsync(cid))!.Value).Data).Type;
    }

    private static async Task<(Multiaddr Address, Cid Root)> SharedAsync(PeerProcess peer)
    {
        JsonElement told = await peer.ReadAsync();
        return (Multiaddr.Parse(told.GetProperty("addr").GetString()!), Cid.Parse(told.GetProperty("cid").GetString()!));
    }

    private string[] Add(params string[] more) => ["add", "--path", tree.Path, "--threshold", $"{TripTree.ShardingThreshold}", .. more];

    private string[] Save(Multiaddr address, Cid root) => ["save", "--peer", $"{address}", "--cid", $"{root}", "--path", _folder["copy"], "--timeout", $"{_patience.TotalSeconds}"];

    private PeerProcess Share(params string[] more) => PeerProcess.StartConsolePeer(["share", tree.Path, "--seedkey", "comes back", .. more]);
}

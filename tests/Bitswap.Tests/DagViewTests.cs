using System.Text;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs;
using Bitswap.Graphs;
using Bitswap.Multiformats;
using Bitswap.Node;

namespace Bitswap.Tests;

public sealed class DagViewTests : IAsyncLifetime
{
    private BitswapNode _node = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        NodeHost host = await NodeHost.StartAsync(new NodeOptions());
        _node = new BitswapNode($"test-{Guid.NewGuid():N}", host, [], Guid.Empty, null);
    }

    public async ValueTask DisposeAsync() => await _node.StopAsync();

    [Fact]
    public async Task A_folder_is_a_tree_with_names_types_sizes_and_what_is_missing()
    {
        (Cid root, Cid absent) = await FolderAsync();
        List<BitswapDagNode> rows = await WalkAsync(root, new DagViewOptions());
        Assert.Equal(
            [
                "(root) Stored Directory",
                "├─ a.txt Stored raw",
                "├─ b Stored Directory",
                "│  ├─ again Repeated raw",
                "│  └─ gone Missing ",
                "└─ c.bin Stored File",
                "   ├─ #0 Stored raw",
                "   └─ #1 Stored raw",
            ],
            rows.Select(row => $"{row.Tree}{row.Label} {row.State} {row.Type}"));
        Assert.Equal([0, 1, 1, 2, 2, 1, 2, 2], rows.Select(row => row.Depth));
        Assert.Equal([null, 5, null, 5, null, 7, 3, 4], rows.Select(row => row.Size));
        Assert.Equal((absent.ToString(), (ulong?)99, root.ToString()), (rows[4].Cid, rows[4].ClaimedSize, rows[1].Parent));
        Assert.Equal([3, 0, 2, 0, 0, 2, 0, 0], rows.Select(row => row.Links));
        Assert.All(rows, row => Assert.Equal(0, row.Hidden));
    }

    [Fact]
    public async Task Each_limit_cuts_and_says_so()
    {
        (Cid root, _) = await FolderAsync();
        List<BitswapDagNode> rows = await WalkAsync(root, new DagViewOptions { Depth = 0 });
        Assert.Equal((1, 3, 3), (rows.Count, rows[0].Links, rows[0].Hidden));
        rows = await WalkAsync(root, new DagViewOptions { Depth = 1 });
        Assert.Equal([0, 0, 2, 2], rows.Select(row => row.Hidden));
        rows = await WalkAsync(root, new DagViewOptions { LinkLimit = 1 });
        Assert.Equal((2, 2, "└─ "), (rows.Count, rows[0].Hidden, rows[1].Tree));
        rows = await WalkAsync(root, new DagViewOptions { LinkLimit = 0 });
        Assert.Equal((1, 3), (rows.Count, rows[0].Hidden));
        DagView view = new(GraphSource.Local(_node), new DagViewOptions { Limit = 7 });
        Assert.Equal(7, (await CollectAsync(view, root)).Count);
        Assert.True(view.IsCut);
        view = new(GraphSource.Local(_node), new DagViewOptions { Limit = 8 });
        Assert.Equal((8, false, 1), ((await CollectAsync(view, root)).Count, view.IsCut, view.Missing));
    }

    [Fact]
    public async Task A_shard_shows_the_names_of_its_entries_without_their_slots()
    {
        Cid leaf = await PutAsync(Multicodec.Raw, "leaf"u8.ToArray());
        Cid inner = await PutAsync(Multicodec.DagPb, Shard(new DagPbLink(leaf, "7Fdeep", 4)));
        Cid root = await PutAsync(Multicodec.DagPb, Shard(new DagPbLink(leaf, "00flat", 4), new DagPbLink(inner, "01", 50)));
        List<BitswapDagNode> rows = await WalkAsync(root, new DagViewOptions());
        Assert.Equal(["Shard", "flat raw", "01 Shard", "deep raw"], rows.Select((row, i) => i == 0 ? row.Type : $"{row.Name} {row.Type}"));
    }

    [Fact]
    public async Task A_block_that_is_not_what_its_codec_says_is_invalid_each_time_and_the_walk_goes_on()
    {
        Cid bad = await PutAsync(Multicodec.DagPb, [0xff]);
        Cid root = await PutAsync(Multicodec.DagPb, Directory(new DagPbLink(bad, "x", 1), new DagPbLink(bad, "y", 1)));
        List<BitswapDagNode> rows = await WalkAsync(root, new DagViewOptions());
        Assert.Equal(["Stored", "Invalid", "Invalid"], rows.Select(row => row.State));
        Assert.NotNull(rows[1].Error);
    }

    [Fact]
    public async Task Links_of_dag_cbor_are_followed_and_an_unknown_codec_is_a_leaf()
    {
        Cid odd = await PutAsync(Multicodec.GitRaw, "odd"u8.ToArray());

        // a list of one link: tag 42 over the bytes of the CID after a zero (ipld.io/specs/codecs/dag-cbor)
        byte[] bytes = [0x81, 0xd8, 0x2a, 0x58, (byte)(odd.ByteLength + 1), 0, .. odd.Bytes];
        Cid root = await PutAsync(Multicodec.DagCbor, bytes);
        List<BitswapDagNode> rows = await WalkAsync(root, new DagViewOptions());
        Assert.Equal(["dag-cbor", "git-raw"], rows.Select(row => row.Type));
        Assert.Equal("#0", rows[1].Label);
    }

    [Fact]
    public async Task The_data_of_an_identity_cid_is_in_it()
    {
        Cid root = Cid.Parse("bafkqabtimvwgy3yk");
        BitswapDagNode row = Assert.Single(await WalkAsync(root, new DagViewOptions()));
        Assert.Equal(("Stored", 6), (row.State, row.BlockSize));
    }

    [Fact]
    public async Task Mermaid_and_dot_draw_each_block_once_and_each_link()
    {
        (Cid root, Cid absent) = await FolderAsync();
        GraphText text = new();
        (await WalkAsync(root, new DagViewOptions())).ForEach(text.Add);
        string[] mermaid = text.Write("Mermaid").Split('\n');
        Assert.Equal("flowchart LR", mermaid[0]);
        Assert.Equal($"    n0[\"(root)<br/>Directory<br/>{Display.Short(root)}\"]", mermaid[1]);
        Assert.Equal(7, mermaid.Count(line => line.Contains('[')));
        Assert.Equal(7, mermaid.Count(line => line.Contains("-->")));
        Assert.Contains("    n2 -->|\"again\"| n1", mermaid);
        Assert.Contains("    class n3 absent", mermaid);
        string[] dot = text.Write("Dot").Split('\n');
        Assert.Equal(("digraph dag {", "}", ""), (dot[0], dot[^2], dot[^1]));
        Assert.Contains("    n2 -> n1 [label=\"again\"];", dot);
        Assert.Contains($"    n3 [label=\"gone\\nmissing\\n{Display.Short(absent)}\", tooltip=\"{absent}\", style=dashed, color=red, fontcolor=red];", dot);
        Assert.Equal(8, text.Write("Tree").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Names_cannot_break_out_of_a_drawing_or_move_the_cursor()
    {
        Cid leaf = await PutAsync(Multicodec.Raw, "leaf"u8.ToArray());
        Cid root = await PutAsync(Multicodec.DagPb, Directory(new DagPbLink(leaf, "a\"]; x <b>#`\\\n\e[2J", 4)));
        List<BitswapDagNode> rows = await WalkAsync(root, new DagViewOptions());
        Assert.Equal("a\"]; x <b>#`\\\n\e[2J", rows[1].Name);
        Assert.Equal("a\"]; x <b>#`\\\uFFFD\uFFFD[2J", rows[1].Label);
        GraphText text = new();
        rows.ForEach(text.Add);
        Assert.Contains("|\"a#quot;]; x #lt;b#gt;#35;#96;\\\uFFFD\uFFFD[2J\"|", text.Write("Mermaid"), StringComparison.Ordinal);
        Assert.Contains("[label=\"a\\\"]; x <b>#`\\\\\uFFFD\uFFFD[2J\"]", text.Write("Dot"), StringComparison.Ordinal);
    }

    private static byte[] Directory(params DagPbLink[] links) =>
        new DagPbNode(links, new UnixFsData { Type = UnixFsType.Directory }.Encode()).ToByteArray();

    private static byte[] Shard(params DagPbLink[] links) => new DagPbNode(
        links, new UnixFsData { Type = UnixFsType.HamtShard, Data = new byte[] { 3 }, HashType = 0x22, Fanout = 256 }.Encode()).ToByteArray();

    private async Task<(Cid Root, Cid Absent)> FolderAsync()
    {
        Cid a = await PutAsync(Multicodec.Raw, "hello"u8.ToArray());
        Cid one = await PutAsync(Multicodec.Raw, "one"u8.ToArray());
        Cid two = await PutAsync(Multicodec.Raw, "four"u8.ToArray());
        Cid absent = Cid.Compute(Multicodec.Raw, Encoding.UTF8.GetBytes("absent"));
        Cid file = await PutAsync(
            Multicodec.DagPb,
            new DagPbNode(
                [new DagPbLink(one, "", 3), new DagPbLink(two, "", 4)],
                new UnixFsData { Type = UnixFsType.File, FileSize = 7, BlockSizes = [3, 4] }.Encode()).ToByteArray());
        Cid inner = await PutAsync(Multicodec.DagPb, Directory(new DagPbLink(a, "again", 5), new DagPbLink(absent, "gone", 99)));
        Cid root = await PutAsync(
            Multicodec.DagPb, Directory(new DagPbLink(a, "a.txt", 5), new DagPbLink(inner, "b", 200), new DagPbLink(file, "c.bin", 150)));
        return (root, absent);
    }

    private async Task<Cid> PutAsync(ulong codec, byte[] data)
    {
        Cid cid = Cid.Compute(codec, data);
        await _node.Host.PutBlockAsync(cid, data, Token);
        return cid;
    }

    private Task<List<BitswapDagNode>> WalkAsync(Cid root, DagViewOptions options) => CollectAsync(new DagView(GraphSource.Local(_node), options), root);

    private static async Task<List<BitswapDagNode>> CollectAsync(DagView view, Cid root)
    {
        List<BitswapDagNode> rows = [];
        await foreach (BitswapDagNode row in view.WalkAsync(root, Token))
        {
            rows.Add(row);
        }

        return rows;
    }
}

using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Multiformats;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.UnixFs.Read;

/// <summary>Paths through dag-cbor, dag-json and dag-pb, and into files below a link.</summary>
public sealed class PathResolverTests
{
    private readonly TestGraph _graph = new();

    [Fact]
    public async Task Keys_and_places_lead_to_links_in_dag_json()
    {
        Cid leaf = _graph.Raw([1]).Cid;
        Cid other = _graph.Raw([2]).Cid;
        Cid root = Json($$$"""{"a":{"b":[{"/":"{{{leaf}}}"},[0,{"/":"{{{other}}}"}]]},"0":{"/":"{{{other}}}"},"é":{"/":"{{{leaf}}}"},"x":{"/":{"bytes":"AQ"}} }""");

        Assert.Equal(leaf, await ResolveAsync($"{root}/a/b/0"));
        Assert.Equal(other, await ResolveAsync($"{root}/a/b/1/1"));
        Assert.Equal(other, await ResolveAsync($"{root}/0"));
        Assert.Equal(leaf, await ResolveAsync($"{root}/é"));
        Assert.Equal(root, await ResolveAsync($"{root}"));
    }

    [Fact]
    public async Task Keys_and_places_lead_to_links_in_dag_cbor()
    {
        Cid leaf = _graph.Raw([1]).Cid;
        Cid other = _graph.Raw([2]).Cid;

        // {"a": {"b": [leaf, [0, other]]}, "0": other}: written in another order than the codec's
        Cid root = Cbor([0xa2, 0x61, (byte)'a', 0xa1, 0x61, (byte)'b', 0x82, .. Tag(leaf), 0x82, 0, .. Tag(other), 0x61, (byte)'0', .. Tag(other)]);

        Assert.Equal(leaf, await ResolveAsync($"{root}/a/b/0"));
        Assert.Equal(other, await ResolveAsync($"{root}/a/b/1/1"));
        Assert.Equal(other, await ResolveAsync($"{root}/0"));
    }

    [Fact]
    public async Task A_path_goes_on_below_each_link_through_every_codec_and_into_files()
    {
        DagPbLink file = _graph.Text("found", "file.txt");
        Cid folder = _graph.Directory(_graph.Directory("sub", file), _graph.Sharded([.. Enumerable.Range(0, 400).Select(i => _graph.Text($"{i}", $"n{i}"))], name: "big")).Cid;
        Cid inner = Cbor([0x81, .. Tag(folder)]);
        Cid root = Json($$$"""{"site":{"/":"{{{inner}}}"}}""");

        Assert.Equal(file.Cid, await ResolveAsync($"/ipfs/{root}/site/0/sub/file.txt"));
        Assert.Equal(_graph.Text("77").Cid, await ResolveAsync($"{root}/site/0/big/n77"));
    }

    [Fact]
    public async Task A_block_that_is_a_link_itself_is_passed_without_a_name()
    {
        Cid leaf = _graph.Raw([1]).Cid;
        Cid list = Json($$$"""[{"/":"{{{leaf}}}"}]""");
        Cid root = Cbor(Tag(list));

        Assert.Equal(leaf, await ResolveAsync($"{root}/0"));
        Assert.Equal(root, await ResolveAsync($"{root}"));
    }

    [Fact]
    public async Task The_named_links_of_a_dag_pb_block_that_is_no_entry_are_followed()
    {
        Cid leaf = _graph.Raw([1]).Cid;
        Cid none = _graph.Put(Multicodec.DagPb, new DagPbNode([new DagPbLink(leaf, "a", 1)], null).ToByteArray());
        Cid other = _graph.Put(Multicodec.DagPb, new DagPbNode([new DagPbLink(none, "b", 1)], (byte[])[0xFF]).ToByteArray());

        Assert.Equal(leaf, await ResolveAsync($"{other}/b/a"));
        await FailsAsync(DagErrorIds.PathNotFound, "no 'c'", $"{other}/c");
    }

    [Fact]
    public async Task Of_two_entries_of_one_name_the_first_is_taken_and_told()
    {
        DagPbLink first = _graph.Text("first", "a");
        Cid root = _graph.Directory(first, _graph.Text("second", "a"), _graph.Text("other", "b")).Cid;

        ResolvedPath resolved = await _graph.Reader().ResolveAsync(ContentPath.Parse($"{root}/a"));
        List<UnixFsEntry> entries = await _graph.Reader().ListAsync(root, recurse: false).ToListAsync();

        Assert.Equal(first.Cid, resolved.Cid);
        string note = Assert.Single(resolved.Notes);
        Assert.Contains($"{root} has 2 entries of the name 'a'", note);
        Assert.Contains($"it is {first.Cid}", note);
        Assert.Empty((await _graph.Reader().ResolveAsync(ContentPath.Parse($"{root}/b"))).Notes);
        Assert.Equal([("", false), ("a", false), ("a", true), ("b", false)], entries.Select(entry => (entry.Name, entry.IsRepeated)));
    }

    [Theory]
    [InlineData("nothing", "There is no 'nothing' in /ipfs/")]
    [InlineData("list/3", "There is no '3' in /ipfs/*/list.")]
    [InlineData("list/00", "There is no '00'")]
    [InlineData("list/-1", "There is no '-1'")]
    [InlineData("list/+0", "There is no '+0'")]
    [InlineData("list/length", "There is no 'length'")]
    [InlineData("number/1", "There is no '1' in /ipfs/*/number.")]
    [InlineData("map/a/b", "There is no 'b' in /ipfs/*/map/a.")]
    [InlineData("number", "/number is a value within the block")]
    [InlineData("map", "/map is a value within the block")]
    [InlineData("list/0", "/list/0 is a value within the block")]
    [InlineData("bytes/~", "There is no '~'")]
    public async Task What_leads_to_no_block_is_told(string path, string message)
    {
        string leaf = _graph.Raw([1]).Cid.ToString();
        Cid json = Json($$$"""{"bytes":{"/":{"bytes":"AQ"}},"link":{"/":"{{{leaf}}}"},"list":[1,2,{"/":"{{{leaf}}}"}],"map":{"a":1,"b":{"/":"{{{leaf}}}"}},"number":1}""");
        Cid cbor = Cbor(
        [
            0xa4, .. Text("map"), 0xa2, .. Text("a"), 1, .. Text("b"), .. Tag(_graph.Raw([1]).Cid),
            .. Text("list"), 0x82, 1, 2, .. Text("number"), 1, .. Text("bytes"), 0x41, 1,
        ]);

        foreach (Cid root in (Cid[])[json, cbor])
        {
            await FailsAsync(DagErrorIds.PathNotFound, message.Replace("*", root.ToString(), StringComparison.Ordinal), $"{root}/{path}");
        }
    }

    [Fact]
    public async Task What_has_no_names_is_told()
    {
        await FailsAsync(DagErrorIds.NotADirectory, "is no directory", $"{_graph.Raw([1]).Cid}/a");
        await FailsAsync(DagErrorIds.NotADirectory, "is no directory", $"{_graph.Put(Multicodec.Json, "{}"u8.ToArray())}/a");
        await FailsAsync(DagErrorIds.NotADirectory, "is no directory", $"{_graph.Leaf([1]).Cid}/a");
        await FailsAsync(DagErrorIds.UnsupportedCodec, "is git-raw", $"{_graph.Put(Multicodec.GitRaw, [1])}/a");
        await FailsAsync(DagErrorIds.InvalidDagJson, "Not dag-json", $"{Json("{")}/a");
        await FailsAsync(DagErrorIds.InvalidDagCbor, "Not dag-cbor", $"{Cbor([0xFF])}/a");
    }

    [Fact]
    public async Task A_chain_of_links_without_names_ends_at_the_limit()
    {
        Cid root = _graph.Raw([1]).Cid;
        for (int i = 0; i < 20; i++)
        {
            root = Cbor(Tag(root));
        }

        await FailsAsync(DagErrorIds.DagLimitExceeded, "more than 10 blocks (limit MaxDepth)", $"{root}/a", new ReadLimits { MaxDepth = 10 });
        await FailsAsync(DagErrorIds.NotADirectory, "is no directory", $"{root}/a");
    }

    [Fact]
    public async Task Only_the_blocks_on_the_way_are_asked_for()
    {
        Cid leaf = _graph.Raw([1]).Cid;
        Cid root = Json($$$"""{"a":{"/":"{{{leaf}}}"},"b":{"/":"{{{_graph.Raw([2]).Cid}}}"}}""");
        await ResolveAsync($"{root}/a");

        Assert.Equal([root], _graph.Asked);
    }

    [Fact]
    public Task Every_link_of_a_random_value_is_found_by_its_path_and_by_no_other() => Seeded.RunAsync(async random =>
    {
        List<(string Path, Cid Cid)> links = [];
        Cid json = Json(Value(random, "", 0, links));

        foreach ((string path, Cid cid) in links.Where(link => link.Path.Length > 0))
        {
            Assert.Equal(cid, await ResolveAsync(json + path));
            await FailsAsync(DagErrorIds.PathNotFound, "There is no", json + path[..^1] + "~");
        }
    });

    private string Value(Random random, string path, int depth, List<(string Path, Cid Cid)> links)
    {
        switch (depth < 4 ? random.Next(4) : random.Next(2))
        {
            case 0:
                return random.Next(100).ToString(System.Globalization.CultureInfo.InvariantCulture);
            case 1:
                Cid cid = _graph.Raw([(byte)links.Count, (byte)depth]).Cid;
                links.Add((path, cid));
                return $$$"""{"/":"{{{cid}}}"}""";
            case 2:
                return $"[{string.Join(',', Enumerable.Range(0, random.Next(5)).Select(i => Value(random, $"{path}/{i}", depth + 1, links)))}]";
            default:
                // with keys that look like places, in any order
                string[] keys = [.. new[] { "a", "0", "10", "é", "b c" }.OrderBy(_ => random.Next()).Take(random.Next(1, 6))];
                return $"{{{string.Join(',', keys.Select(key => $"\"{key}\":{Value(random, $"{path}/{key}", depth + 1, links)}"))}}}";
        }
    }

    private async Task<Cid> ResolveAsync(string path) => (await _graph.Reader().ResolveAsync(ContentPath.Parse(path))).Cid;

    private async Task FailsAsync(string id, string part, string path, ReadLimits? limits = null)
    {
        DagException error = await Assert.ThrowsAsync<DagException>(async () => await _graph.Reader(limits).ResolveAsync(ContentPath.Parse(path)));
        Assert.Equal(id, error.ErrorId);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Cid);
    }

    private Cid Json(string text) => _graph.Put(Multicodec.DagJson, Encoding.UTF8.GetBytes(text));

    private Cid Cbor(byte[] block) => _graph.Put(Multicodec.DagCbor, block);

    private static byte[] Text(string text) => [(byte)(0x60 + text.Length), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Tag(Cid cid) => [0xd8, 0x2a, 0x58, (byte)(cid.ByteLength + 1), 0, .. cid.Bytes];
}

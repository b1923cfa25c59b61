using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Tests.UnixFs.Read;
using Bitswap.Dag.UnixFs;
using Bitswap.Dag.UnixFs.Save;

namespace Bitswap.Dag.Tests.UnixFs.Save;

/// <summary>What a graph may say and a save never does, each with its error id. Nothing of it is left, and nothing is written anywhere else.</summary>
public sealed class SaveRefusalTests : IDisposable
{
    private readonly TestGraph _graph = new();
    private readonly SaveFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A directory entry by its name.</summary>
    public static TheoryData<string, string> Names => new()
    {
        { "the folder above", ".." },
        { "the folder itself", "." },
        { "a path up", "../../evil" },
        { "a path down", "a/b" },
        { "an absolute path", "/tmp/evil" },
        { "a path up for Windows", "..\\evil" },
        { "an absolute path for Windows", "\\evil" },
        { "a share", "\\\\server\\share" },
        { "a drive", "C:" },
        { "a path on a drive", "C:\\evil" },
        { "a path on the drive's current folder", "C:evil" },
        { "a stream of a file", "file:stream" },
        { "a device", "CON" },
        { "a device with an extension", "nul.txt" },
        { "a numbered device", "COM1" },
        { "a device with a superscript", "LPT\u00b2" },
        { "a console device", "CONOUT$" },
        { "nothing", "" },
        { "a NUL", "a\0b" },
        { "a control character", "a\nb" },
        { "a dot at the end", "evil." },
        { "a space at the end", "evil " },
        { "more than a file system holds", new string('x', 256) },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_name(string what, string name)
    {
        DagPbLink entry = _graph.Text("evil", name);
        await RefusedAsync("UnsafeName", what, _graph.Directory(_graph.Text("x", "fine"), entry));
        await RefusedAsync("UnsafeName", what, _graph.Directory(_graph.Directory("sub", entry)));
        await RefusedAsync("UnsafeName", what, _graph.Directory(_graph.Directory(name, _graph.Text("x", "fine"))));
        await RefusedAsync("UnsafeName", what, _graph.Directory(_graph.Symlink("fine", name)));
        if (name.Length > 0)
        {
            await RefusedAsync("UnsafeName", what, _graph.Sharded([_graph.Text("x", "fine"), entry]));
        }
    }

    [Fact]
    public async Task Names_that_collide()
    {
        SaveOptions one = new() { IgnoreCase = true };
        await RefusedAsync("UnsafeName", "in case", _graph.Directory(_graph.Text("1", "Readme"), _graph.Text("2", "README")), one);
        await RefusedAsync("UnsafeName", "in case, beyond ASCII", _graph.Directory(_graph.Text("1", "é"), _graph.Text("2", "É")), one);
        await RefusedAsync("UnsafeName", "in form", _graph.Directory(_graph.Text("1", "\u00e9"), _graph.Text("2", "e\u0301")), one);
        await RefusedAsync("UnsafeName", "folders", _graph.Directory(_graph.Directory("a", _graph.Text("1", "x")), _graph.Directory("A", _graph.Text("1", "y"))), one);
        await RefusedAsync("UnsafeName", "in a shard", _graph.Sharded([_graph.Text("1", "a"), _graph.Text("2", "A")]), one);
        await RefusedAsync("UnsafeName", "twice the same", _graph.Directory(_graph.Text("1", "x"), _graph.Text("2", "x")));

        // the classic way out: a link, and a folder of the same name whose files would be written through it
        await RefusedAsync("UnsafeName", "a link and a folder", _graph.Directory(_graph.Symlink("fine", "d"), _graph.Directory("d", _graph.Text("x", "evil"))));
        await RefusedAsync("UnsafeName", "a link and a folder, in case", _graph.Directory(_graph.Symlink("fine", "D"), _graph.Directory("d", _graph.Text("x", "evil"))), one);
    }

    [Theory]
    [InlineData("absolute", "/etc/passwd")]
    [InlineData("up", "..")]
    [InlineData("up and away", "../../evil")]
    [InlineData("out by way of a name", "a/../../evil")]
    [InlineData("up after a name, which may be a link itself", "a/..")]
    [InlineData("absolute for Windows", "\\evil")]
    [InlineData("up for Windows", "..\\evil")]
    [InlineData("to a drive", "C:\\evil")]
    [InlineData("to a share", "\\\\server\\share")]
    [InlineData("to a device", "nul")]
    [InlineData("nowhere", "")]
    [InlineData("past a NUL", "a\0b")]
    public async Task A_symlink(string what, string target)
    {
        await RefusedAsync("UnsafeLink", what, _graph.Directory(_graph.Text("x", "fine"), _graph.Symlink(target, "link")));
        await RefusedAsync("UnsafeLink", what, _graph.Symlink(target, ""));
    }

    [Fact]
    public async Task A_symlink_in_a_folder_that_goes_up_further_than_it_is_deep() =>
        await RefusedAsync("UnsafeLink", "up", _graph.Directory(_graph.Directory("a", _graph.Directory("b", _graph.Symlink("../../../evil", "link")))));

    [Fact]
    public async Task A_symlink_whose_target_is_no_text() =>
        await RefusedAsync("InvalidUnixFs", "bytes", _graph.Node(new UnixFsData { Type = UnixFsType.Symlink, Data = new byte[] { 0xFF } }, []));

    [Theory]
    [InlineData(0ul)]
    [InlineData(4ul)]
    [InlineData(12ul)]
    [InlineData(24ul)]
    [InlineData(2048ul)]
    [InlineData(1ul << 40)]
    public async Task A_shard_of_bad_fanout(ulong fanout)
    {
        DagPbLink shard = _graph.Shard([1], fanout, [_graph.Text("x", "0x")]);
        await RefusedAsync("InvalidHamt", "alone", shard);
        await RefusedAsync("InvalidHamt", "in a folder", _graph.Directory(_graph.Text("x", "fine"), shard with { Name = "sub" }));
    }

    [Fact]
    public async Task A_shard_that_lies_of_its_names()
    {
        await RefusedAsync("InvalidHamt", "slots", _graph.Shard([0b11], 256, [_graph.Text("x", "00x")]));
        await RefusedAsync("InvalidHamt", "another hash", _graph.Shard([1], 256, [_graph.Text("x", "00x")], hash: 0x12));
    }

    [Fact]
    public async Task What_goes_beyond_a_limit()
    {
        DagPbLink deep = _graph.Directory("", _graph.Text("x", "x"));
        for (int i = 0; i < 5; i++)
        {
            deep = _graph.Directory("", deep with { Name = "d" });
        }

        DagPbLink file = _graph.Balanced(TestGraph.Bytes(1000), 10, 2);
        DagPbLink many = _graph.Directory([.. Enumerable.Range(0, 100).Select(i => _graph.Text($"{i}", $"n{i}"))]);
        await RefusedAsync("DagLimitExceeded", "MaxDepth", deep, limits: new ReadLimits { MaxDepth = 4 });
        await RefusedAsync("DagLimitExceeded", "MaxFileDepth", file, limits: new ReadLimits { MaxFileDepth = 3 });
        await RefusedAsync("DagLimitExceeded", "MaxLinks", many, limits: new ReadLimits { MaxLinks = 99 });
        await RefusedAsync("DagLimitExceeded", "MaxEntries", many, limits: new ReadLimits { MaxEntries = 99 });
        await RefusedAsync("DagLimitExceeded", "MaxTotalSize", _graph.Directory(_graph.Text("four", "a"), _graph.Text("five!", "b")), limits: new ReadLimits { MaxTotalSize = 8 });
        await RefusedAsync("DagLimitExceeded", "MaxTotalSize", file, limits: new ReadLimits { MaxTotalSize = 999 });
    }

    private async Task RefusedAsync(string id, string what, DagPbLink root, SaveOptions? options = null, ReadLimits? limits = null)
    {
        DagException refused = await Assert.ThrowsAnyAsync<DagException>(() => new UnixFsSaver(_graph.Reader(limits), options).SaveAsync(root.Cid, _folder.Path, "saved"));
        Assert.True(refused.ErrorId == id, $"{what}: {refused.ErrorId} in place of {id}: {refused.Message}");
        if (id == "DagLimitExceeded")
        {
            Assert.Contains(what, refused.Message, StringComparison.Ordinal);
        }

        Assert.True(_folder.All().Length == 0, $"{what}: left behind: {string.Join(", ", _folder.All())}");
        _folder.AssertNothingOutside();
    }
}

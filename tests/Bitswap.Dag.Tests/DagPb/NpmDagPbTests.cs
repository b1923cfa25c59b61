using System.Text.Json;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Multiformats;
using Bitswap.Tests.Shared;

namespace Bitswap.Dag.Tests.DagPb;

/// <summary>Holds dag-pb against @ipld/dag-pb of npm.</summary>
public sealed class NpmDagPbTests
{
    private static readonly string[] _names = ["", "a", "b", "aa", "é", "e\u0301", "\uFFFD", "\U0001F600", "/", "..", "\0"];

    [Fact]
    public Task Random_nodes_are_read_there_and_encoded_to_the_same_bytes() => Seeded.RunAsync(1, async random =>
    {
        DagPbNode[] nodes = [.. Enumerable.Range(0, 400).Select(_ => RandomNode(random))];
        JsonElement answers = await InteropScript.RunAsync("multiformats.mjs", ["nodes"], nodes.Select(Hex));

        foreach ((DagPbNode node, JsonElement read) in nodes.Zip(answers.EnumerateArray()))
        {
            Assert.False(read.TryGetProperty("error", out JsonElement error), $"{Hex(node)}: {error}");
            Assert.Equal(Hex(node), read.GetProperty("bytes").GetString());
            Assert.Equal(DagPbNode.Decode(node.ToByteArray()).Links.Select(Told), read.GetProperty("links").EnumerateArray().Select(Told));
            Assert.Equal(node.HasData ? Convert.ToHexStringLower(node.Data.Span) : null, read.GetProperty("data").GetString());
        }
    });

    // but for sizes over 2^53, which JavaScript has no number for
    [Fact]
    public Task Damaged_blocks_that_are_refused_there_are_refused_here() => Seeded.RunAsync(1, async random =>
    {
        byte[][] blocks = [.. Enumerable.Range(0, 2000).Select(_ => RandomNode(random).ToByteArray()).Where(block => block.Length > 0)];
        foreach (byte[] block in blocks)
        {
            block[random.Next(block.Length)] = (byte)random.Next(256);
        }

        JsonElement answers = await InteropScript.RunAsync("multiformats.mjs", ["nodes"], blocks.Select(Convert.ToHexStringLower));
        (byte[] Block, string Error)[] refused =
        [
            .. from pair in blocks.Zip(answers.EnumerateArray())
               where pair.Second.TryGetProperty("error", out _)
               select (pair.First, pair.Second.GetProperty("error").GetString()!),
        ];
        Assert.InRange(refused.Length, 200, blocks.Length - 200);
        Assert.All(refused.Where(item => !item.Error.Contains("too large", StringComparison.Ordinal)), item =>
            Assert.IsType<DagException>(Record.Exception(() => DagPbNode.Decode(item.Block))));
    });

    private static DagPbNode RandomNode(Random random) => new(
        [.. Enumerable.Range(0, random.Next(5)).Select(_ => new DagPbLink(
            Cid.Compute(random.Next(2) == 0 ? Multicodec.Raw : Multicodec.DagPb, random.Bytes(3)),
            random.GetItems(_names, 1)[0],
            (ulong)random.NextInt64(1L << random.Next(1, 53))))],
        random.Next(4) == 0 ? null : random.Bytes(random.Next(20)));

    private static string Told(DagPbLink link) => $"{link.Cid} '{link.Name}' {link.Tsize}";

    private static string Told(JsonElement link) =>
        $"{link.GetProperty("cid").GetString()} '{link.GetProperty("name").GetString()}' {link.GetProperty("size").GetUInt64()}";

    private static string Hex(DagPbNode node) => Convert.ToHexStringLower(node.ToByteArray());
}

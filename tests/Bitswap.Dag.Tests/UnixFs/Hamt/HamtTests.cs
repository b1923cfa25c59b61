using System.Text;
using Bitswap.Dag.Abstractions;
using Bitswap.Dag.DagPb;
using Bitswap.Dag.Tests.UnixFs.Read;
using Bitswap.Dag.UnixFs.Hamt;
using Bitswap.Dag.UnixFs.Read;

namespace Bitswap.Dag.Tests.UnixFs.Hamt;

public sealed class HamtTests
{
    private readonly TestGraph _graph = new();

    [Theory]
    [InlineData(0ul)]
    [InlineData(1ul)]
    [InlineData(4ul)]
    [InlineData(7ul)]
    [InlineData(12ul)]
    [InlineData(24ul)]
    [InlineData(1000ul)]
    [InlineData(2048ul)]
    [InlineData(1ul << 40)]
    [InlineData(ulong.MaxValue)]
    public async Task A_fanout_that_is_none_is_refused(ulong fanout) =>
        await RefusedAsync("fanout", _graph.Shard([1], fanout, [_graph.Text("x", "0x")]));

    [Fact]
    public async Task A_bit_field_that_does_not_fit_is_refused()
    {
        await RefusedAsync("bit field", _graph.Shard(new byte[33], 256, []));
        await RefusedAsync("slots taken", _graph.Shard([0b11], 256, [_graph.Text("x", "00x")]));
        await RefusedAsync("slots taken", _graph.Shard([], 256, [_graph.Text("x", "00x")]));
    }

    [Fact]
    public async Task A_name_under_another_prefix_than_its_slots_is_refused()
    {
        int slot = SlotOf("x");
        byte[] field = new byte[32];
        field[31 - (slot / 8)] = (byte)(1 << (slot % 8));
        string right = slot.ToString("X2");
        Assert.Single(await ListAsync(_graph.Shard(field, 256, [_graph.Text("x", right + "x")]).Cid), entry => entry.Name == "x");

        await RefusedAsync("does not begin with it", _graph.Shard(field, 256, [_graph.Text("x", ((slot + 1) & 255).ToString("X2") + "x")]));
        await RefusedAsync("does not begin with it", _graph.Shard(field, 256, [_graph.Text("x", right[..1])]));
        await RefusedAsync("does not begin with it", _graph.Shard(field, 256, [_graph.Text("x", "")]));
    }

    [Fact]
    public async Task A_name_that_its_hash_puts_elsewhere_is_refused()
    {
        int wrong = SlotOf("x") ^ 1;
        byte[] field = new byte[32];
        field[31 - (wrong / 8)] = (byte)(1 << (wrong % 8));
        await RefusedAsync("hash", _graph.Shard(field, 256, [_graph.Text("x", wrong.ToString("X2") + "x")]));
    }

    [Fact]
    public async Task Another_hash_function_is_refused() => await RefusedAsync("murmur3", _graph.Shard([1], 256, [_graph.Text("x", "00x")], hash: 0x12));

    [Fact]
    public async Task Shards_below_have_to_be_shards_of_the_same_kind_and_hold_something()
    {
        await RefusedAsync("says that it is", _graph.Shard([1], 256, [_graph.Directory("00")]));
        await RefusedAsync("empty", _graph.Shard([1], 256, [_graph.Shard([], 256, [], "00")]));
        await RefusedAsync("fanout", _graph.Shard([1], 256, [_graph.Shard([1], 8, [_graph.Text("x", "0x")], "00")]));
    }

    [Fact]
    public async Task Shards_deeper_than_the_hash_are_refused()
    {
        // more levels of eight bits than a hash of 64 bits has
        DagPbLink shard = _graph.Shard([1], 256, [_graph.Text("x", "00x")]);
        for (int i = 0; i < 9; i++)
        {
            shard = _graph.Shard([1], 256, [shard with { Name = "00" }]);
        }

        await RefusedAsync("deeper", shard);
    }

    private static int SlotOf(string name) => (int)(Murmur3.Hash64(Encoding.UTF8.GetBytes(name)) >> 56);

    private async Task RefusedAsync(string part, DagPbLink shard)
    {
        DagException refused = await UnixFsReaderTests.RefusedAsync("InvalidHamt", () => ListAsync(shard.Cid));
        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
        Assert.NotNull(refused.Cid);
    }

    private async Task<List<UnixFsEntry>> ListAsync(Cid root)
    {
        List<UnixFsEntry> entries = [];
        await foreach (UnixFsEntry entry in _graph.Reader().ListAsync(root, recurse: false))
        {
            entries.Add(entry);
        }

        return entries;
    }
}

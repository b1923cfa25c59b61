using System.Reflection;
using Bitswap.Node.Networks.Memory;
using Bitswap.Node.Tests.Blockstores;
using Bitswap.Node.Tests.Collecting;
using Bitswap.Node.Tests.Content;
using Bitswap.Node.Tests.Core;
using Bitswap.Node.Tests.Engine;
using Bitswap.Node.Tests.Observability;
using Bitswap.Node.Tests.Peers;
using Bitswap.Node.Tests.Support;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace Bitswap.Node.Tests;

/// <summary>The limits of a node as a whole, and which test trips which: a limit without one fails here.</summary>
public sealed class NodeLimitTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, (Type Class, string Test)> _tests = new()
    {
        [nameof(NodeOptions.InboxCapacity)] = (typeof(EngineLoopTests), nameof(EngineLoopTests.A_poster_waits_while_the_inbox_is_full)),
        [nameof(NodeOptions.MaxReceivedBytes)] = (typeof(ByteGateTests), nameof(ByteGateTests.A_reader_waits_while_the_gate_is_over_its_limit)),
        [nameof(NodeOptions.MaxFrameBytes)] = (typeof(FrameRoomTests), nameof(FrameRoomTests.Newcomers_get_half_of_the_room_and_peers_that_exchange_blocks_the_rest)),
        [nameof(NodeOptions.PeerEntryRate)] = (typeof(EntryAllowanceTests), nameof(EntryAllowanceTests.Floods_are_read_no_further_than_they_may_ask_while_who_takes_blocks_goes_on)),
        [nameof(NodeOptions.StoreParallelism)] = (typeof(NodeLimitTests), nameof(So_many_blocks_are_read_at_once_and_no_more)),
        [nameof(NodeOptions.StoreTimeout)] = (typeof(TroubledStoreTests), nameof(TroubledStoreTests.A_store_that_hangs_holds_up_neither_other_blocks_nor_the_stop)),
        [nameof(NodeOptions.MaxMemoryBytes)] = (typeof(MemoryNodeTests), nameof(MemoryNodeTests.What_is_added_beyond_the_bound_is_an_error_and_nothing_goes)),
        [nameof(NodeOptions.MaxPassingBytes)] = (typeof(MemoryNodeTests), nameof(MemoryNodeTests.A_save_of_any_size_leaves_so_much_of_it_in_memory)),
        [nameof(NodeOptions.StorageMax)] = (typeof(BoundedRepositoryTests), nameof(BoundedRepositoryTests.What_finds_no_room_is_refused_until_a_pin_goes)),
        [nameof(NodeOptions.StorageHighWater)] = (typeof(BoundedRepositoryTests), nameof(BoundedRepositoryTests.Above_the_high_water_what_was_used_longest_ago_goes_down_to_the_low_water)),
        [nameof(NodeOptions.StorageLowWater)] = (typeof(BoundedRepositoryTests), nameof(BoundedRepositoryTests.Above_the_high_water_what_was_used_longest_ago_goes_down_to_the_low_water)),
        [nameof(NodeOptions.MaxCorruptBlocks)] = (typeof(VerifiedStoreTests), nameof(VerifiedStoreTests.Of_more_than_are_remembered_the_first_are_forgotten)),
        [nameof(NodeOptions.MaxLogFileBytes)] = (typeof(LogFileTests), nameof(LogFileTests.Files_have_so_many_bytes_and_are_so_many)),
        [nameof(NodeOptions.MaxLogFiles)] = (typeof(LogFileTests), nameof(LogFileTests.Files_have_so_many_bytes_and_are_so_many)),
        [nameof(NodeOptions.FilterTimeout)] = (typeof(FilterTests), nameof(FilterTests.A_filter_that_takes_too_long_denies_and_its_token_is_cancelled)),
        [nameof(NodeOptions.FilterParallelism)] = (typeof(FilterTests), nameof(FilterTests.So_many_calls_run_at_once_and_no_more)),
        [nameof(NodeOptions.BitswapNegotiationTime)] = (typeof(NodeLimitTests), nameof(A_peer_that_does_not_say_what_it_speaks_holds_a_connect_up_so_long)),
    };

    // settings that are no limits; the engine's and the wire's have tables of their own
    private static readonly string[] _settings = [nameof(NodeOptions.Path), nameof(NodeOptions.Seed), nameof(NodeOptions.BitswapOverRelays)];

    private readonly MemoryNetwork _network = new(seed: 12);

    [Fact]
    public void Every_limit_of_a_node_has_a_test_that_trips_it()
    {
        IEnumerable<string> limits = typeof(NodeOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && !_settings.Contains(property.Name))
            .Where(property => property.PropertyType.IsPrimitive || property.PropertyType == typeof(TimeSpan))
            .Select(property => property.Name);
        Assert.Equal(limits.Order(), _tests.Keys.Order());
        Assert.All(_tests.Values, row => Assert.Contains(row.Class.GetMethod(row.Test)!.GetCustomAttributes(), attribute => attribute is FactAttribute));
    }

    [Theory]
    [InlineData(nameof(NodeOptions.InboxCapacity), 15, 65_537)]
    [InlineData(nameof(NodeOptions.MaxReceivedBytes), (4 << 20) - 1, (1L << 30) + 1)]
    [InlineData(nameof(NodeOptions.MaxFrameBytes), (8 << 20) - 1, (1L << 30) + 1)]
    [InlineData(nameof(NodeOptions.PeerEntryRate), 1023, (1 << 24) + 1)]
    [InlineData(nameof(NodeOptions.StoreParallelism), 0, 257)]
    [InlineData(nameof(NodeOptions.MaxMemoryBytes), (1 << 20) - 1, (1L << 40) + 1)]
    [InlineData(nameof(NodeOptions.MaxPassingBytes), (1 << 20) - 1, (1L << 40) + 1)]
    [InlineData(nameof(NodeOptions.StorageMax), (8 << 20) - 1, (1L << 50) + 1)]
    [InlineData(nameof(NodeOptions.StorageHighWater), 1, 100)]
    [InlineData(nameof(NodeOptions.StorageLowWater), 0, 99)]
    [InlineData(nameof(NodeOptions.MaxCorruptBlocks), 0, (1 << 20) + 1)]
    [InlineData(nameof(NodeOptions.MaxLogFileBytes), (64 << 10) - 1, (1L << 30) + 1)]
    [InlineData(nameof(NodeOptions.MaxLogFiles), 0, 1025)]
    [InlineData(nameof(NodeOptions.StoreTimeout), 0, 3601)]
    [InlineData(nameof(NodeOptions.FilterParallelism), 0, 257)]
    [InlineData(nameof(NodeOptions.FilterTimeout), 0, 61)]
    [InlineData(nameof(NodeOptions.BitswapNegotiationTime), -1, 61)]
    public async Task A_limit_out_of_range_is_refused(string name, long below, long above)
    {
        foreach (long value in new[] { below, above })
        {
            NodeOptions options = NodeOptionTable.Set(new NodeOptions { Network = _network.CreatePeer() }, name, value);
            ArgumentOutOfRangeException refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => NodeHost.StartAsync(options));
            Assert.Equal(name, refused.ParamName);
        }
    }

    [Fact]
    public async Task So_many_blocks_are_read_at_once_and_no_more()
    {
        GatedBlockstore store = new(reads: 0);
        Block[] blocks = Samples.Blocks(6);
        foreach (Block block in blocks)
        {
            await store.PutAsync(block.Cid, block.Data, default);
        }

        await using NodeHost node = await StartAsync(options => options with { Blockstore = store, StoreParallelism = 2 });
        IReadOnlyList<NodeWant> wants = await node.WantAsync([.. blocks.Select(block => block.Cid)], new WantOptions());
        try
        {
            await Poll.UntilAsync(() => store.Held >= 2);
            await node.GetStatAsync();
            Assert.Equal(2, store.Held);
        }
        finally
        {
            // or the node could not end
            store.AdmitReads();
        }

        await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);
    }

    [Fact]
    public async Task A_peer_that_does_not_say_what_it_speaks_holds_a_connect_up_so_long()
    {
        FakeTimeProvider clock = new();
        await using NodeHost node = await StartAsync(
            options => options with { Network = new NoAnswer(options.Network!), Clock = clock, BitswapNegotiationTime = TimeSpan.FromSeconds(7) });
        await using RawPeer peer = await RawPeer.StartAsync(_network.CreatePeer());
        Task<PeerSnapshot> connecting = node.ConnectAsync(peer.Addresses).AsTask();
        await Poll.UntilAsync(() => node.ConnectedPeers.Count == 1);
        await node.GetStatAsync();

        // the wait may begin a moment after the connection, so the clock goes on in steps until it ends
        TimeSpan passed = TimeSpan.Zero;
        await Poll.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            passed += TimeSpan.FromSeconds(1);
            return connecting.IsCompleted;
        });

        Assert.True(passed >= TimeSpan.FromSeconds(7), $"{passed} passed");
        Assert.Null((await connecting).Version);
    }

    private Task<NodeHost> StartAsync(Func<NodeOptions, NodeOptions> change) =>
        NodeHost.StartAsync(change(new NodeOptions { Network = _network.CreatePeer(), Seed = 1 }));

    // streams are opened for ever
    private sealed class NoAnswer(IPeerNetwork inner) : WrappedNetwork(inner)
    {
        public override async ValueTask<IPeerStream> OpenStreamAsync(PeerId peer, IReadOnlyList<string> protocols, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException("An endless wait ended.");
        }
    }
}

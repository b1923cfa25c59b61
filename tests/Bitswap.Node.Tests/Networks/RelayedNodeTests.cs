using Bitswap.Dag.UnixFs.Import.Abstractions;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Dag.UnixFs.Save;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Multiformats;
using Bitswap.Node.Content;
using Bitswap.Tests.Shared;

namespace Bitswap.Node.Tests.Networks;

/// <summary>Nodes that exchange blocks through a relay that is a node itself.</summary>
public sealed class RelayedNodeTests : IDisposable
{
    private const int FileSize = 16 << 20;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_block_and_a_file_are_fetched_through_a_relay()
    {
        await using NodeHost relay = await StartRelayAsync();
        await using NodeHost provider = await StartProviderAsync(relay);
        await using NodeHost reader = await NodeHost.StartAsync(new NodeOptions { ListenAddresses = [] });
        byte[] block = [1, 2, 3];
        Cid cid = Cid.Compute(Multicodec.Raw, block);
        await provider.PutBlockAsync(cid, block);
        byte[] data = new byte[FileSize];
        new Random(17).NextBytes(data);
        Cid root;
        await using (NodeImport import = provider.BeginImport(new UnixFsImportOptions { Profile = UnixFsProfile.V1_2025 }))
        {
            root = (await import.AddAsync(new MemoryStream(data))).Cid;
        }

        PeerSnapshot peer = await reader.ConnectAsync([AddressOf(provider)]).AsTask().WaitAsync(_patience);
        Assert.Equal(relay.PeerId, peer.Connection.Relay);
        Assert.Equal("30 min and 67108864 bytes each way", peer.Connection.RelayLimit);

        Assert.Equal(block, (await reader.GetBlockAsync(cid, new WantOptions()).AsTask().WaitAsync(_patience)).Data.ToArray());
        await using (FetchSession session = new(reader))
        {
            await new UnixFsSaver(new UnixFsReader(session.Reader)).SaveAsync(root, _folder.Path, "saved").WaitAsync(_patience);
        }

        Assert.Equal(data, await File.ReadAllBytesAsync(_folder["saved"]));

        // the relay is a peer as any
        Assert.Equal(new HashSet<PeerId> { provider.PeerId, relay.PeerId }, [.. await PeersOfAsync(reader)]);
        Assert.Equal(new HashSet<PeerId> { provider.PeerId, reader.PeerId }, [.. await PeersOfAsync(relay)]);
    }

    [Fact]
    public async Task A_relay_and_the_holder_of_a_reservation_exchange_blocks_at_once()
    {
        await using NodeHost relay = await StartRelayAsync();
        await using NodeHost holder = await StartProviderAsync(relay);
        Assert.Equal([relay.PeerId], await PeersOfAsync(holder));
        Assert.Equal([holder.PeerId], await PeersOfAsync(relay));
        byte value = 0;
        foreach ((NodeHost from, NodeHost to) in ((NodeHost, NodeHost)[])[(holder, relay), (relay, holder)])
        {
            byte[] block = [++value, 7, 8, 9];
            Cid cid = Cid.Compute(Multicodec.Raw, block);
            await from.PutBlockAsync(cid, block);
            // a stream that is not answered is given up after 30 s
            Assert.Equal(block, (await to.GetBlockAsync(cid, new WantOptions()).AsTask().WaitAsync(TimeSpan.FromSeconds(20))).Data.ToArray());
        }
    }

    [Fact]
    public async Task A_transfer_goes_on_over_the_next_connection_when_the_relay_ends_one_at_its_limit()
    {
        await using NodeHost relay = await StartRelayAsync(("MaxRelayCircuitBytes", 4 << 20));
        await using NodeHost provider = await StartProviderAsync(relay);
        await using NodeHost reader = await NodeHost.StartAsync(new NodeOptions { ListenAddresses = [] });
        List<Cid> cids = [];
        for (int i = 0; i < 10; i++)
        {
            byte[] data = new byte[1 << 20];
            data.AsSpan().Fill((byte)i);
            cids.Add(Cid.Compute(Multicodec.Raw, data));
            await provider.PutBlockAsync(cids[^1], data);
        }

        await reader.ConnectAsync([AddressOf(provider)]).AsTask().WaitAsync(_patience);
        foreach (Cid cid in cids)
        {
            Assert.Equal(1 << 20, (await reader.GetBlockAsync(cid, new WantOptions()).AsTask().WaitAsync(_patience)).Data.Length);
        }
    }

    [Fact]
    public async Task No_block_goes_over_a_limited_connection_where_the_option_says_so()
    {
        await using NodeHost relay = await StartRelayAsync();
        await using NodeHost provider = await StartProviderAsync(relay);
        await using NodeHost reader = await NodeHost.StartAsync(new NodeOptions { ListenAddresses = [], BitswapOverRelays = false });
        PeerSnapshot peer = await reader.ConnectAsync([AddressOf(provider)]).AsTask().WaitAsync(_patience);
        Assert.NotNull(peer.Connection.RelayLimit);
        Assert.Null(peer.Version);

        // over a relay without limits it does
        await using NodeHost unlimited = await StartRelayAsync(("MaxRelayCircuitBytes", 0), ("MaxRelayCircuitTime", 0));
        await using NodeHost other = await StartProviderAsync(unlimited);
        byte[] block = [4, 5, 6];
        Cid cid = Cid.Compute(Multicodec.Raw, block);
        await other.PutBlockAsync(cid, block);
        peer = await reader.ConnectAsync([AddressOf(other)]).AsTask().WaitAsync(_patience);
        Assert.Equal((unlimited.PeerId, null), (peer.Connection.Relay, peer.Connection.RelayLimit));
        Assert.Equal(block, (await reader.GetBlockAsync(cid, new WantOptions()).AsTask().WaitAsync(_patience)).Data.ToArray());
    }

    private static Multiaddr AddressOf(NodeHost node) => Assert.Single(node.DialAddresses, address => address.ToString().Contains("/p2p-circuit/", StringComparison.Ordinal));

    private static async Task<IEnumerable<PeerId>> PeersOfAsync(NodeHost node) => (await node.GetPeersAsync()).Select(one => one.Connection.Peer);

    private static Task<NodeHost> StartRelayAsync(params (string Name, object Value)[] options) =>
        NodeHost.StartAsync(options.Append(("Relay", (object)true)).Aggregate(new NodeOptions(), (set, option) => NodeOptionTable.Set(set, option.Item1, option.Item2)));

    private static async Task<NodeHost> StartProviderAsync(NodeHost relay)
    {
        NodeOptions options = NodeOptionTable.Set(new NodeOptions { ListenAddresses = [] }, nameof(RelayOptions.RelayServers), relay.Addresses);
        NodeHost node = await NodeHost.StartAsync(options);
        await Poll.UntilAsync(() => node.DialAddresses.Count > 0);
        return node;
    }
}

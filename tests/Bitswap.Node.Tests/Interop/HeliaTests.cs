using System.Text.Json;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;

namespace Bitswap.Node.Tests.Interop;

/// <summary>A real Helia peer from npm, in its own process: fetched from, and served.</summary>
public sealed class HeliaTests(HeliaInstallation helia) : IClassFixture<HeliaInstallation>, IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly string _cids = Path.GetTempFileName();

    public void Dispose() => File.Delete(_cids);

    [Theory]
    [InlineData(1, 4)]
    [InlineData(1000, 50)]
    [InlineData(65_507, 8)]
    [InlineData(262_144, 16)]
    [InlineData(1_048_576, 8)]
    [InlineData(2_097_152, 4)]
    public async Task Blocks_of_every_size_are_fetched_from_Helia(int size, int count)
    {
        await using PeerProcess peer = helia.Start("provide", "--size", $"{size}", "--count", $"{count}", "--cids", _cids);
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        await node.ConnectAsync([await peer.AddressAsync()]);

        IReadOnlyList<Block> blocks = await FetchAllAsync(node, ReadCids());

        Assert.Equal(count, blocks.Count);
        Assert.All(blocks, block => Assert.Equal(size, block.Data.Length));
        Assert.All(blocks, block => Assert.True(block.Cid.Hash.Matches(block.Data.Span)));
    }

    [Fact]
    public async Task CIDv0_blocks_are_fetched_from_Helia()
    {
        await using PeerProcess peer = helia.Start("provide", "--size", "5000", "--count", "20", "--cids", _cids, "--cidv0");
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        await node.ConnectAsync([await peer.AddressAsync()]);
        Cid[] cids = ReadCids();
        Assert.All(cids, cid => Assert.Equal(0, cid.Version));

        Assert.Equal(20, (await FetchAllAsync(node, cids)).Count);
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(5000)]
    public async Task Thousands_of_small_blocks_are_fetched_from_Helia_at_once(int count)
    {
        await using PeerProcess peer = helia.Start("provide", "--size", "1024", "--count", $"{count}", "--cids", _cids);
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        await node.ConnectAsync([await peer.AddressAsync()]);

        Assert.Equal(count, (await FetchAllAsync(node, ReadCids())).Count);
    }

    [Fact]
    public async Task A_block_that_Helia_lacks_fails_with_its_answer()
    {
        await using PeerProcess peer = helia.Start("provide", "--count", "1", "--size", "100");
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        PeerSnapshot connected = await node.ConnectAsync([await peer.AddressAsync()]);
        Cid missing = Cid.Compute(Multicodec.Raw, "nobody has this"u8);

        BlockUnavailableException failure = await Assert.ThrowsAsync<BlockUnavailableException>(
            () => node.GetBlockAsync(missing, new WantOptions { FailFast = true, Timeout = _patience }).AsTask());

        Assert.Equal("BlockUnavailable", failure.ErrorId);
        PeerAnswer answer = Assert.Single(failure.Asked);
        Assert.Equal(connected.Peer, answer.Peer);
        Assert.Equal(PeerAnswerKind.DontHave, answer.Kind);
    }

    [Fact]
    public async Task A_cancelled_want_leaves_the_session_with_Helia_usable()
    {
        await using PeerProcess peer = helia.Start("provide", "--size", "1048576", "--count", "8", "--cids", _cids);
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        await node.ConnectAsync([await peer.AddressAsync()]);
        Cid[] cids = ReadCids();

        NodeWant given = await node.WantAsync(cids[0], new WantOptions());
        await given.CancelAsync();
        await given.Completion.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(_patience);

        Assert.Equal(7, (await FetchAllAsync(node, cids[1..])).Count);
        Assert.Empty(await node.GetWantlistAsync());
    }

    [Fact]
    public async Task Wants_outlive_a_Helia_peer_that_is_killed_and_comes_back()
    {
        string[] provide = ["provide", "--size", "262144", "--count", "400", "--cids", _cids, "--seedkey", "comes back"];
        PeerProcess first = helia.Start(provide);
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        await node.ConnectAsync([await first.AddressAsync()]);
        IReadOnlyList<NodeWant> wants = await node.WantAsync(ReadCids(), new WantOptions { Session = node.NewSession() });
        await wants[20].Completion.WaitAsync(_patience);
        await first.KillAsync();
        await first.DisposeAsync();

        await using PeerProcess second = helia.Start(provide);
        await node.ConnectAsync([await second.AddressAsync()]);

        Block[] blocks = await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);
        Assert.Equal(400, blocks.Length);
    }

    [Theory]
    [InlineData(1, 4, false)]
    [InlineData(1024, 2000, false)]
    [InlineData(1024, 5000, false)]
    [InlineData(262_144, 32, true)]
    [InlineData(2_097_152, 4, false)]
    public async Task Helia_is_served(int size, int count, bool version0)
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        await ServeAsync(node, size, count, version0);

        await using PeerProcess peer = helia.Start("get", "--peer", $"{node.Addresses[0]}", "--cids", _cids);
        JsonElement result = await peer.ReadAsync();

        Assert.True(result.GetProperty("missing").GetInt32() == 0, result.ToString());
        Assert.Equal((long)size * count, result.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public async Task Helia_identifies_and_pings_us_over_Noise_and_yamux()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());

        await using PeerProcess peer = helia.Start("info", "--peer", $"{node.Addresses[0]}");
        JsonElement told = await peer.ReadAsync();

        Assert.Equal(node.PeerId.ToString(), told.GetProperty("peer").GetString());
        Assert.Equal("/noise", told.GetProperty("encryption").GetString());
        Assert.Equal("/yamux/1.0.0", told.GetProperty("muxer").GetString());
        Assert.StartsWith("bitswap-powershell/", told.GetProperty("agent").GetString(), StringComparison.Ordinal);
        Assert.Contains("/ipfs/bitswap/1.2.0", told.GetProperty("protocols").EnumerateArray().Select(id => id.GetString()));
    }

    [Fact]
    public async Task Helia_gives_up_in_the_middle_and_comes_again()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        await ServeAsync(node, 65_536, 400, version0: false);

        await using (PeerProcess impatient = helia.Start("get", "--peer", $"{node.Addresses[0]}", "--cids", _cids, "--cancel", "5"))
        {
            Assert.True((await impatient.ReadAsync()).GetProperty("missing").GetInt32() > 0);
        }

        await using PeerProcess patient = helia.Start("get", "--peer", $"{node.Addresses[0]}", "--cids", _cids);
        Assert.Equal(400, (await patient.ReadAsync()).GetProperty("blocks").GetInt32());
    }

    private static async Task<IReadOnlyList<Block>> FetchAllAsync(NodeHost node, Cid[] cids)
    {
        IReadOnlyList<NodeWant> wants = await node.WantAsync(cids, new WantOptions { Session = node.NewSession(), Timeout = _patience, FailFast = true });
        return await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);
    }

    private async Task ServeAsync(NodeHost node, int size, int count, bool version0)
    {
        List<string> lines = [];
        for (int i = 0; i < count; i++)
        {
            byte[] data = new byte[size];
            new Random(i).NextBytes(data);
            Multihash hash = Multihash.Compute(MultihashCode.Sha256, data);
            Cid cid = version0 ? Cid.CreateV0(hash) : Cid.CreateV1(Multicodec.Raw, hash);
            await node.PutBlockAsync(cid, data);
            lines.Add(cid.ToString());
        }

        await File.WriteAllLinesAsync(_cids, lines);
    }

    private Cid[] ReadCids() => [.. File.ReadAllLines(_cids).Where(line => line.Length > 0).Select(Cid.Parse)];
}

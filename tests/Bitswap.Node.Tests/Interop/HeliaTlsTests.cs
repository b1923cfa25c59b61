using System.Text.Json;
using Bitswap.Multiformats;

namespace Bitswap.Node.Tests.Interop;

/// <summary>Blocks between us and a Helia that secures its connections with TLS alone, whoever dials.</summary>
public sealed class HeliaTlsTests(HeliaInstallation helia) : IClassFixture<HeliaInstallation>, IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly string _cids = Path.GetTempFileName();

    public void Dispose() => File.Delete(_cids);

    [Theory]
    [InlineData(1000, 50)]
    [InlineData(1_048_576, 16)]
    public async Task Blocks_are_fetched_over_TLS(int size, int count)
    {
        SkipWithoutTls();
        await using PeerProcess peer = helia.Start("provide", "--offers", "tls", "--size", $"{size}", "--count", $"{count}", "--cids", _cids);
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());

        PeerSnapshot met = await node.ConnectAsync([await peer.AddressAsync()]);

        Assert.Equal("Tls", met.Connection.Security);
        Cid[] cids = [.. (await File.ReadAllLinesAsync(_cids)).Select(Cid.Parse)];
        IReadOnlyList<NodeWant> wants = await node.WantAsync(cids, new WantOptions { Session = node.NewSession(), Timeout = _patience, FailFast = true });
        Block[] blocks = await Task.WhenAll(wants.Select(want => want.Completion)).WaitAsync(_patience);
        Assert.Equal(count, blocks.Length);
        Assert.All(blocks, block => Assert.True(block.Cid.Hash.Matches(block.Data.Span)));
    }

    [Fact]
    public async Task Blocks_are_served_over_TLS()
    {
        SkipWithoutTls();
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        List<string> cids = [];
        for (int i = 0; i < 16; i++)
        {
            byte[] data = new byte[(1 << 20) - i];
            new Random(i).NextBytes(data);
            Cid cid = Cid.Compute(Multicodec.Raw, data);
            await node.PutBlockAsync(cid, data);
            cids.Add(cid.ToString());
        }

        await File.WriteAllLinesAsync(_cids, cids);
        await using PeerProcess peer = helia.Start("get", "--offers", "tls", "--peer", $"{node.Addresses[0]}", "--cids", _cids);

        Assert.Equal(0, (await peer.ReadAsync()).GetProperty("missing").GetInt32());
    }

    [Fact]
    public async Task The_muxer_is_agreed_on_in_the_handshake_and_Helia_identifies_and_pings_us()
    {
        SkipWithoutTls();
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());

        await using PeerProcess peer = helia.Start("info", "--offers", "tls", "--peer", $"{node.Addresses[0]}");
        JsonElement told = await peer.ReadAsync();

        Assert.Equal(node.PeerId.ToString(), told.GetProperty("peer").GetString());
        Assert.Equal("/tls/1.0.0", told.GetProperty("encryption").GetString());
        Assert.Equal("/yamux/1.0.0", told.GetProperty("muxer").GetString());
    }

    [Fact]
    public async Task A_Helia_that_is_another_peer_than_the_dialed_one_is_refused()
    {
        SkipWithoutTls();
        await using PeerProcess peer = helia.Start("provide", "--offers", "tls", "--count", "1", "--size", "1");
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());
        await using NodeHost other = await NodeHost.StartAsync(new NodeOptions());
        string address = (await peer.AddressAsync()).ToString();
        string wrong = address[..address.IndexOf("/p2p/", StringComparison.Ordinal)];

        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => node.ConnectAsync([Multiaddr.Parse($"{wrong}/p2p/{other.PeerId}")]).AsTask());

        Assert.Equal("PeerIdMismatch", failure.ErrorId);
    }

    private static void SkipWithoutTls() => Assert.SkipUnless(
        OperatingSystem.IsLinux() || OperatingSystem.IsWindowsVersionAtLeast(10, 0, 20348), "TLS 1.3 is not available on this system.");
}

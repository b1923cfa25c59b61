using Bitswap.Multiformats;

namespace Bitswap.Node.Tests.Interop;

/// <summary>Blocks between Helia and us over WebSockets, whoever dials.</summary>
public sealed class HeliaWebSocketTests(HeliaInstallation helia) : IClassFixture<HeliaInstallation>, IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly string _cids = Path.GetTempFileName();

    public void Dispose() => File.Delete(_cids);

    [Fact]
    public async Task Blocks_are_fetched_from_a_Helia_that_listens_on_a_WebSocket()
    {
        await using PeerProcess peer = helia.Start("provide", "--listen", "/ip4/127.0.0.1/tcp/0/ws", "--size", "1048576", "--count", "8", "--cids", _cids);
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions());

        PeerSnapshot met = await node.ConnectAsync([await peer.AddressAsync()]);

        Assert.Contains("/ws/", met.Connection.Address.ToString(), StringComparison.Ordinal);
        foreach (string cid in await File.ReadAllLinesAsync(_cids))
        {
            Assert.Equal(1 << 20, (await node.GetBlockAsync(Cid.Parse(cid), new WantOptions()).AsTask().WaitAsync(_patience)).Data.Length);
        }
    }

    [Fact]
    public async Task Helia_fetches_blocks_from_a_WebSocket_that_we_listen_on()
    {
        await using NodeHost node = await NodeHost.StartAsync(new NodeOptions { ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0/ws")] });
        List<string> cids = [];
        for (int i = 0; i < 8; i++)
        {
            byte[] data = new byte[(1 << 20) - i];
            data.AsSpan().Fill((byte)i);
            Cid cid = Cid.Compute(Multicodec.Raw, data);
            await node.PutBlockAsync(cid, data);
            cids.Add(cid.ToString());
        }

        await File.WriteAllLinesAsync(_cids, cids);
        await using PeerProcess peer = helia.Start("get", "--peer", $"{node.Addresses[0]}", "--cids", _cids);

        Assert.Equal(0, (await peer.ReadAsync()).GetProperty("missing").GetInt32());
    }
}

using Bitswap.Multiformats;

namespace Bitswap.Node.Tests.Interop;

/// <summary>Blocks between us and a Helia with the same swarm key, whichever side dials.</summary>
public sealed class HeliaPrivateNetworkTests(HeliaInstallation helia) : IClassFixture<HeliaInstallation>, IDisposable
{
    private const string Key = "/key/swarm/psk/1.0.0/\n/base16/\n00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0\n";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bitswap-test-");

    private string Cids => Path.Combine(_folder.FullName, "cids");

    private string KeyFile => Path.Combine(_folder.FullName, "swarm.key");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("/ws")]
    public async Task Blocks_are_fetched_in_a_private_network(string over)
    {
        await File.WriteAllTextAsync(KeyFile, Key);
        await using PeerProcess peer = Start("provide", "--listen", $"/ip4/127.0.0.1/tcp/0{over}", "--size", "1048576", "--count", "8", "--cids", Cids);
        await using NodeHost node = await NodeHost.StartAsync(Options());

        await node.ConnectAsync([await peer.AddressAsync()]);

        foreach (string cid in await File.ReadAllLinesAsync(Cids))
        {
            Assert.Equal(1 << 20, (await node.GetBlockAsync(Cid.Parse(cid), new WantOptions()).AsTask().WaitAsync(_patience)).Data.Length);
        }
    }

    [Fact]
    public async Task Blocks_are_served_in_a_private_network()
    {
        await File.WriteAllTextAsync(KeyFile, Key);
        await using NodeHost node = await NodeHost.StartAsync(Options());
        List<string> cids = [];
        for (int i = 0; i < 8; i++)
        {
            byte[] data = new byte[(1 << 20) - i];
            data.AsSpan().Fill((byte)i);
            Cid cid = Cid.Compute(Multicodec.Raw, data);
            await node.PutBlockAsync(cid, data);
            cids.Add(cid.ToString());
        }

        await File.WriteAllLinesAsync(Cids, cids);
        await using PeerProcess peer = Start("get", "--peer", $"{node.Addresses[0]}", "--cids", Cids);

        Assert.Equal(0, (await peer.ReadAsync()).GetProperty("missing").GetInt32());
    }

    [Fact]
    public async Task A_Helia_without_the_key_is_not_connected_and_the_error_says_so()
    {
        await using PeerProcess peer = helia.Start("provide", "--count", "1", "--size", "1");
        await using NodeHost node = await NodeHost.StartAsync(Options());
        Multiaddr address = await peer.AddressAsync();

        BitswapException failure = await Assert.ThrowsAsync<BitswapException>(() => node.ConnectAsync([address]).AsTask());

        Assert.Contains("swarm key", failure.Message, StringComparison.Ordinal);
    }

    private static NodeOptions Options() => new NodeOptions().WithSwarmKey(System.Text.Encoding.ASCII.GetBytes(Key));

    private PeerProcess Start(string command, params string[] more) => helia.Start([command, "--offers", "swarm-key", "--swarmkey", KeyFile, .. more]);
}

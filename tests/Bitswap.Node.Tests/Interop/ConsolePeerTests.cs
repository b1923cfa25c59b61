using System.Text.Json;

namespace Bitswap.Node.Tests.Interop;

/// <summary>The console peer against itself, in two processes, with the flags that any other process would use.</summary>
public sealed class ConsolePeerTests : IDisposable
{
    private readonly string _cids = Path.GetTempFileName();

    public void Dispose() => File.Delete(_cids);

    [Theory]
    [InlineData("session", "1.2.0")]
    [InlineData("one", "1.1.0")]
    [InlineData("7", "1.0.0")]
    [InlineData("session", "unversioned")]
    public async Task Blocks_move_between_two_processes(string parallel, string protocol)
    {
        await using PeerProcess provider = PeerProcess.StartConsolePeer("provide", "--size", "5000", "--count", "40", "--cids", _cids, "--cidv0", "--stdin");
        Multiaddr address = await provider.AddressAsync();

        await using PeerProcess getter = PeerProcess.StartConsolePeer("get", "--peer", $"{address}", "--cids", _cids, "--parallel", parallel, "--protocol", protocol);
        JsonElement result = await getter.ReadAsync();

        Assert.Equal(40, result.GetProperty("blocks").GetInt32());
        Assert.Equal(200_000, result.GetProperty("bytes").GetInt64());
        Assert.Equal(0, result.GetProperty("missing").GetInt32());
        Assert.Equal(0, result.GetProperty("duplicates").GetInt32());
        Assert.Equal(0, await getter.ExitAsync());
        Assert.Equal(40, (await provider.EndAsync()).GetProperty("Engine").GetProperty("BlocksSent").GetInt32());
    }

    [Fact]
    public async Task An_incomplete_fetch_ends_with_two()
    {
        await using PeerProcess provider = PeerProcess.StartConsolePeer("provide", "--size", "100", "--count", "3", "--cids", _cids, "--stdin");
        Multiaddr address = await provider.AddressAsync();
        await File.AppendAllLinesAsync(_cids, ["bafkreigaxmlgeizbk6fmjqcj6jf6q42g2rtwhnksanhugqk4fufpnxifwu"]);

        await using PeerProcess getter = PeerProcess.StartConsolePeer("get", "--peer", $"{address}", "--cids", _cids);

        Assert.Equal(1, (await getter.ReadAsync()).GetProperty("missing").GetInt32());
        Assert.Equal(2, await getter.ExitAsync());
    }
}

using System.Text.Json;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Reachability;
using Bitswap.Node.Tests.Interop;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Interop;

/// <summary>
/// The server of @libp2p/autonat-v2. It dials no private address, so an address of the internet stands for loopback in the script: the server asks for data, since it does not know
/// the host by that address, and dials it.
/// </summary>
public sealed class AutoNatInteropTests(HeliaInstallation npm) : IClassFixture<HeliaInstallation>
{
    [Fact]
    public async Task A_server_of_js_libp2p_takes_the_data_dials_and_brings_the_number_back()
    {
        await using PeerProcess server = npm.StartScript("autonat.mjs");
        await using Libp2pHost host = await StartHostAsync();
        Libp2pConnection connection = await host.ConnectAsync([await server.AddressAsync()]);
        Multiaddr asked = Stand(host, "1.2.3.4");

        Assert.Equal(CheckOutcome.Reached, await host.AutoNat!.AskAsync(connection, asked, default).WaitAsync(Patience));

        JsonElement end = await server.EndAsync();
        Assert.Equal([asked.ToString()], end.GetProperty("dialled").EnumerateArray().Select(address => address.GetString()));
    }

    [Fact]
    public async Task A_server_of_js_libp2p_that_does_not_get_through_says_so()
    {
        await using PeerProcess server = npm.StartScript("autonat.mjs", "--deaf");
        await using Libp2pHost host = await StartHostAsync();
        Libp2pConnection connection = await host.ConnectAsync([await server.AddressAsync()]);
        Assert.Equal(CheckOutcome.NotReached, await host.AutoNat!.AskAsync(connection, Stand(host, "1.2.3.4"), default).WaitAsync(Patience));
    }

    [Fact]
    public async Task A_server_of_js_libp2p_dials_no_loopback_and_that_is_no_verdict()
    {
        await using PeerProcess server = npm.StartScript("autonat.mjs");
        await using Libp2pHost host = await StartHostAsync();
        Libp2pConnection connection = await host.ConnectAsync([await server.AddressAsync()]);
        await FailsWithAsync(Libp2pErrorIds.ProtocolViolation, () => host.AutoNat!.AskAsync(connection, Stand(host, "127.0.0.1"), default));

        // nor what its own rules do not let it dial
        Assert.Equal(CheckOutcome.Refused, await host.AutoNat!.AskAsync(connection, Multiaddr.Parse("/ip4/9.9.9.9/tcp/4001"), default).WaitAsync(Patience));
        Assert.Equal(0, (await server.EndAsync()).GetProperty("dialled").GetArrayLength());
    }

    private static Multiaddr Stand(Libp2pHost host, string ip)
    {
        Assert.True(host.Addresses[0].TryGetTcp(out _, out int port, out _));
        return Multiaddr.Parse($"/ip4/{ip}/tcp/{port}");
    }

    // asks only what it is told to
    private static Task<Libp2pHost> StartHostAsync() => StartAsync(o => o with
    {
        Reachability = new ReachabilityOptions { NearestObserved = AddressScope.Machine, RequestPause = TimeSpan.FromHours(1) },
    });
}

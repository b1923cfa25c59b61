using System.Net;
using System.Net.Sockets;
using System.Text;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

/// <summary>Hosts with the same swarm key connect, whatever secures and carries the connection; others are told why not.</summary>
public sealed class PrivateNetworkTests
{
    [Theory]
    [InlineData(SecurityProtocol.Noise, "")]
    [InlineData(SecurityProtocol.Tls, "")]
    [InlineData(SecurityProtocol.Noise, "/ws")]
    public async Task Hosts_with_the_same_key_connect(SecurityProtocol security, string over)
    {
        Libp2pOptions With(Libp2pOptions options) => options with
        {
            SwarmKey = Key('a'),
            SecurityProtocols = [security],
            ListenAddresses = [Multiaddr.Parse($"/ip4/127.0.0.1/tcp/0{over}")],
        };
        await using Libp2pHost listener = await StartAsync(With);
        await using Libp2pHost dialer = await StartAsync(With);
        listener.Handle("/echo", EchoAsync);

        Libp2pConnection connection = await dialer.ConnectAsync([listener.Addresses[0]]).AsTask().WaitAsync(Patience);
        await using Libp2pStream stream = await dialer.OpenStreamAsync(connection.RemotePeer, ["/echo"]).AsTask().WaitAsync(Patience);
        byte[] data = new byte[300_000];
        new Random(1).NextBytes(data);
        Task<byte[]> echo = ReadAllAsync(stream);
        await stream.WriteAsync(data).AsTask().WaitAsync(Patience);
        await stream.CloseWriteAsync().AsTask().WaitAsync(Patience);

        Assert.Equal(data, await echo);
    }

    [Theory]
    [InlineData('a', 'b')]
    [InlineData('a', null)]
    [InlineData(null, 'b')]
    public async Task Hosts_of_different_networks_are_told_why_they_do_not_connect(char? dialing, char? listening)
    {
        await using Libp2pHost listener = await StartAsync(options => options with { SwarmKey = Key(listening) });
        await using Libp2pHost dialer = await StartAsync(options => options with { SwarmKey = Key(dialing) });

        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.PrivateNetwork, () => dialer.ConnectAsync([listener.Addresses[0]]).AsTask());

        Assert.Contains("swarm key", error.Message, StringComparison.Ordinal);
        Assert.Empty(listener.Connections);
    }

    [Fact]
    public async Task Of_one_that_says_nothing_the_error_names_the_key_as_a_reason()
    {
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        await using Libp2pHost dialer = await StartAsync(options => options with { SwarmKey = Key('a'), HandshakeTimeout = TimeSpan.FromMilliseconds(200) });
        Multiaddr address = Multiaddr.Parse($"/ip4/127.0.0.1/tcp/{((IPEndPoint)silent.LocalEndPoint!).Port}");

        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.HandshakeTimeout, () => dialer.ConnectAsync([address]).AsTask());

        Assert.Contains("another swarm key than this host, or none", error.Message, StringComparison.Ordinal);
    }

    private static SwarmKey? Key(char? digit) =>
        digit is { } all ? SwarmKey.Parse(Encoding.ASCII.GetBytes($"/key/swarm/psk/1.0.0/\n/base16/\n{new string(all, 64)}\n")) : null;
}

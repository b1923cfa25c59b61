using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Multistream;
using Bitswap.Libp2p.Security.Tls;
using Bitswap.Libp2p.Transports.Tcp;
using Bitswap.Tests.Shared;
using Microsoft.Extensions.Time.Testing;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

/// <summary>What secures the connections of hosts: Noise, TLS, and what comes of the choice.</summary>
public sealed class SecurityTests
{
    private const string Echo = "/echo/1.0.0";

    [Theory]
    [InlineData(SecurityProtocol.Noise, "Noise,Tls", "Noise,Tls")]
    [InlineData(SecurityProtocol.Tls, "Tls", "Noise,Tls")]
    [InlineData(SecurityProtocol.Tls, "Noise,Tls", "Tls")]
    [InlineData(SecurityProtocol.Tls, "Tls,Noise", "Noise,Tls")]
    [InlineData(SecurityProtocol.Noise, "Noise,Tls", "Tls,Noise")]
    [InlineData(SecurityProtocol.Noise, "Noise", "Tls,Noise")]
    public async Task The_dialers_order_picks_what_both_have(SecurityProtocol expected, string dialers, string listeners)
    {
        SkipWithoutTls();
        await using Libp2pHost listener = await StartAsync(o => o with { SecurityProtocols = Protocols(listeners) });
        await using Libp2pHost dialer = await StartAsync(o => o with { SecurityProtocols = Protocols(dialers) });
        listener.Handle(Echo, EchoAsync);

        Libp2pConnection connection = await dialer.ConnectAsync(listener.Addresses).AsTask().WaitAsync(Patience);

        Assert.Equal(expected, connection.Security);
        Assert.Equal(listener.PeerId, connection.RemotePeer);
        await AssertEchoAsync(dialer, listener);
        Assert.Equal((expected, dialer.PeerId), (Assert.Single(listener.Connections).Security, listener.Connections[0].RemotePeer));
        await dialer.PingAsync(listener.PeerId).AsTask().WaitAsync(Patience);
    }

    [Fact]
    public void Noise_comes_first_unless_another_order_is_asked_for() =>
        Assert.Equal([SecurityProtocol.Noise, SecurityProtocol.Tls], Options().SecurityProtocols);

    [Theory]
    [InlineData("Noise", "Tls")]
    [InlineData("Tls", "Noise")]
    public async Task Without_one_in_common_the_error_names_what_is_spoken_here(string dialers, string listeners)
    {
        SkipWithoutTls();
        await using Libp2pHost listener = await StartAsync(o => o with { SecurityProtocols = Protocols(listeners) });
        await using Libp2pHost dialer = await StartAsync(o => o with { SecurityProtocols = Protocols(dialers) });

        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.NoCommonSecurity, () => dialer.ConnectAsync(listener.Addresses).AsTask());

        Assert.Contains(dialers == "Tls" ? "spoken here: /tls/1.0.0." : "spoken here: /noise.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_WebSocket_is_secured_by_TLS_as_any_other()
    {
        SkipWithoutTls();
        await using Libp2pHost listener = await StartAsync(o => o with { ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0/ws")] });
        await using Libp2pHost dialer = await StartAsync(o => o with { SecurityProtocols = [SecurityProtocol.Tls] });
        listener.Handle(Echo, EchoAsync);

        Assert.Equal(SecurityProtocol.Tls, (await dialer.ConnectAsync(listener.Addresses).AsTask().WaitAsync(Patience)).Security);
        await AssertEchoAsync(dialer, listener);
    }

    [Fact]
    public async Task Another_peer_than_the_dialed_one_is_refused()
    {
        SkipWithoutTls();
        await using Libp2pHost listener = await StartAsync();
        await using Libp2pHost dialer = await StartAsync(o => o with { SecurityProtocols = [SecurityProtocol.Tls] });
        Assert.True(listener.Addresses[0].TryGetTcp(out string? ip, out int port, out _));
        Multiaddr wrong = Multiaddr.Parse($"/ip4/{ip}/tcp/{port}").WithPeerId(PrivateKey.Generate().PeerId);

        await FailsWithAsync(Libp2pErrorIds.PeerIdMismatch, () => dialer.ConnectAsync([wrong]).AsTask());

        Assert.Empty(listener.Connections);
    }

    [Fact]
    public async Task A_dialer_that_falls_silent_in_TLS_loses_its_place_when_the_time_is_up()
    {
        SkipWithoutTls();
        FakeTimeProvider clock = new();
        await using Libp2pHost listener = await StartAsync(o => o with { Clock = clock, HandshakeTimeout = TimeSpan.FromSeconds(10), MaxPendingInboundHandshakes = 1 });
        using Socket socket = await DialSocketAsync(listener);
        TcpChannel raw = new(socket);
        await MultistreamSelect.SelectAsync(raw, [TlsConstants.ProtocolId], default).AsTask().WaitAsync(Patience);
        Task<byte[]> hearing = raw.ReadUpToAsync(1);

        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(hearing.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<Exception>(async () => Assert.NotEmpty(await hearing.WaitAsync(Patience)));
    }

    [Fact]
    public async Task A_listener_that_falls_silent_in_TLS_fails_the_dial_when_the_time_is_up()
    {
        SkipWithoutTls();
        (Socket server, Multiaddr address) = ListenRaw();
        using Socket _ = server;
        await using Libp2pHost dialer = await StartAsync(o => o with { SecurityProtocols = [SecurityProtocol.Tls], HandshakeTimeout = TimeSpan.FromMilliseconds(300) });

        Task<Libp2pConnection> dial = dialer.ConnectAsync([address]).AsTask();
        TcpChannel raw = new(await server.AcceptAsync().WaitAsync(Patience));
        await MultistreamSelect.AcceptAsync(raw, [TlsConstants.ProtocolId], null, default).AsTask().WaitAsync(Patience);

        Libp2pException error = await Assert.ThrowsAsync<Libp2pException>(() => dial.WaitAsync(Patience));
        Assert.Contains(nameof(Libp2pOptions.HandshakeTimeout), error.Message, StringComparison.Ordinal);
        await raw.DisposeAsync();
    }

    private static void SkipWithoutTls() => Assert.SkipUnless(TlsConstants.IsSupported, "TLS 1.3 is not available on this system.");

    private static SecurityProtocol[] Protocols(string names) => [.. names.Split(',').Select(Enum.Parse<SecurityProtocol>)];

    private static async Task AssertEchoAsync(Libp2pHost dialer, Libp2pHost listener)
    {
        byte[] data = new Random(1).Bytes(300_000);
        await using Libp2pStream stream = await dialer.OpenStreamAsync(listener.PeerId, [Echo]).AsTask().WaitAsync(Patience);
        Task writing = Task.Run(async () =>
        {
            await stream.WriteAsync(data);
            await stream.CloseWriteAsync();
        });
        Assert.Equal(data, await ReadAllAsync(stream));
        await writing.WaitAsync(Patience);
    }
}

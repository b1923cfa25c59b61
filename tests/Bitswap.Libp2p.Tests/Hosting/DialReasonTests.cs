using System.Net.Sockets;
using System.Text;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Multistream;
using Bitswap.Libp2p.Security.Noise;
using Bitswap.Libp2p.Transports.Tcp;
using Bitswap.Tests.Shared;
using static Bitswap.Libp2p.Tests.Hosting.TestHosts;

namespace Bitswap.Libp2p.Tests.Hosting;

/// <summary>Why a peer that was reached cannot be spoken to is told in its own kind of error.</summary>
public sealed class DialReasonTests
{
    private static readonly Multiaddr _nobody = Multiaddr.Parse("/ip4/127.0.0.1/tcp/1");

    [Fact]
    public async Task A_peer_that_offers_neither_Noise_nor_TLS_is_told_what_is_spoken_here()
    {
        Libp2pException error = await DialAsync(Libp2pErrorIds.NoCommonSecurity, async channel =>
            await MultistreamSelect.AcceptAsync(channel, ["/plaintext/2.0.0"], null, default));
        Assert.Contains("/noise, /tls/1.0.0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_offers_mplex_alone_has_no_muxer_in_common()
    {
        Libp2pException error = await DialAsync(Libp2pErrorIds.NoCommonMuxer, async channel =>
        {
            await MultistreamSelect.AcceptAsync(channel, ["/noise"], null, default);
            NoiseChannel secured = await NoiseHandshake.RespondAsync(channel, PrivateKey.Generate(), null, [], null, default);
            await MultistreamSelect.AcceptAsync(secured, ["/mplex/6.7.0"], null, default);
        });
        Assert.Contains("/yamux/1.0.0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_names_mplex_alone_and_hangs_up_has_no_muxer_in_common()
    {
        Libp2pException error = await DialAsync(Libp2pErrorIds.NoCommonMuxer, async channel =>
        {
            await MultistreamSelect.AcceptAsync(channel, ["/noise"], null, default);
            await using NoiseChannel secured = await NoiseHandshake.RespondAsync(channel, PrivateKey.Generate(), null, ["/mplex/6.7.0"], null, default);
        });
        Assert.Contains("It offers /mplex/6.7.0.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_peer_of_a_private_network_is_told_as_that_whatever_its_nonce_looks_like() => Seeded.RunAsync(8, async random =>
    {
        byte[] first = random.Bytes(44);
        Libp2pException error = await DialAsync(Libp2pErrorIds.PrivateNetwork, async channel => await channel.WriteAsync(first, default));
        Assert.Contains("swarm key", error.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Random_bytes_are_never_taken_for_a_text() => Seeded.Run(1000, random => Assert.True(new NoGreetingException(random.Bytes(20)) is { IsBinary: true } or { IsTls: true }));

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n", "SSH-2.0-OpenSSH_9.9")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("220 mail\r\n", "220 mail")]
    public async Task What_is_no_libp2p_peer_is_told_by_its_greeting(string greeting, string shown)
    {
        Libp2pException error = await DialAsync(Libp2pErrorIds.NegotiationFailed, async channel => await channel.WriteAsync(Encoding.ASCII.GetBytes(greeting), default));
        Assert.Contains(shown, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_web_server_that_answers_in_TLS_is_told_as_that()
    {
        Libp2pException error = await DialAsync(Libp2pErrorIds.NegotiationFailed, async channel => await channel.WriteAsync(new byte[] { 0x15, 3, 1, 0, 2, 2, 70 }, default));
        Assert.Contains("in TLS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_addresses_the_error_of_the_one_that_answered_counts_and_comes_first()
    {
        (Socket server, Multiaddr address) = ListenRaw();
        using Socket _ = server;
        await using Libp2pHost host = await StartAsync();
        Task serving = ServeAsync(server, async channel => await MultistreamSelect.AcceptAsync(channel, ["/plaintext/2.0.0"], null, default));
        Multiaddr quic = Multiaddr.Parse("/ip4/127.0.0.1/udp/1/quic-v1");

        Libp2pException error = await FailsWithAsync(Libp2pErrorIds.NoCommonSecurity, () => host.ConnectAsync([_nobody, quic, address]).AsTask());

        await serving;
        string[] lines = error.Message.Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Contains(address.ToString(), lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_that_nobody_answers_at_are_unreachable_whatever_others_there_are()
    {
        await using Libp2pHost host = await StartAsync();
        await FailsWithAsync(Libp2pErrorIds.PeerUnreachable, () => host.ConnectAsync([_nobody, Multiaddr.Parse("/ip4/127.0.0.1/udp/1/quic-v1")]).AsTask());
    }

    [Theory]
    [InlineData("QUIC", "/ip4/127.0.0.1/udp/1/quic-v1")]
    [InlineData("QUIC and TLS", "/dns4/a.example/tcp/443/tls", "/ip4/127.0.0.1/udp/1/quic-v1")]
    [InlineData("relay", "/ip4/127.0.0.1/udp/1/quic-v1/p2p/12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99/p2p-circuit")]
    [InlineData("WebTransport", "/ip4/127.0.0.1/udp/1/quic-v1/webtransport")]
    [InlineData("HTTP", "/dns4/a.example/tcp/443/https")]
    public async Task A_peer_with_other_addresses_alone_is_told_by_their_names(string names, params string[] addresses)
    {
        await using Libp2pHost host = await StartAsync();
        PeerId peer = PrivateKey.Generate().PeerId;
        Libp2pException error = await FailsWithAsync(
            Libp2pErrorIds.UnsupportedAddress, () => host.ConnectAsync([.. addresses.Select(address => Multiaddr.Parse($"{address}/p2p/{peer}"))]).AsTask());
        Assert.StartsWith($"{peer} has only {names} addresses", error.Message, StringComparison.Ordinal);
    }

    private static async Task<Libp2pException> DialAsync(string errorId, Func<TcpChannel, Task> peer)
    {
        (Socket server, Multiaddr address) = ListenRaw();
        using Socket _ = server;
        await using Libp2pHost host = await StartAsync();
        Task serving = ServeAsync(server, peer);
        Libp2pException error = await FailsWithAsync(errorId, () => host.ConnectAsync([address]).AsTask());
        await serving;
        return error;
    }

    /// <summary>Lets the peer do its part, which ends when the host hangs up.</summary>
    private static async Task ServeAsync(Socket server, Func<TcpChannel, Task> peer)
    {
        await using var channel = new TcpChannel(await server.AcceptAsync().WaitAsync(Patience));
        try
        {
            await peer(channel).WaitAsync(Patience);
            while (await channel.FillAsync(channel.Buffered.Length + 1, default).AsTask().WaitAsync(Patience))
            {
                channel.Consume(channel.Buffered.Length);
            }
        }
        catch (Libp2pException)
        {
            // the host has hung up
        }
    }
}

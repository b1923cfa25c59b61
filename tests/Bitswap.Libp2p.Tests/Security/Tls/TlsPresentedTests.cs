using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Security.Tls;

namespace Bitswap.Libp2p.Tests.Security.Tls;

/// <summary>What a peer presents in a handshake decides, whichever side it is on: each certificate that proves nothing ends the connection.</summary>
public sealed class TlsPresentedTests
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "expired", "was valid until" },
        { "early", "is valid from" },
        { "bare", "no libp2p public key extension" },
        { "forged", "did not sign the key of its certificate" },
        { "critical", "is not known here" },
        { "two", "more than one certificate" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_dialer_that_presents_no_proof_is_refused_with_all_that_it_says(string kind, string why)
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        await using BarePeer peer = new(a);
        Task dialing = peer.DialAsync(Present(kind));
        Task<TlsChannel> responding = TlsPair.RespondAsync(b);
        await dialing.Within();
        // the dialer is done, and knows nothing of the refusal yet
        try
        {
            await peer.WriteAsync("secret"u8.ToArray()).AsTask().Within();
        }
        catch (IOException)
        {
            // it is refused already
        }
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => responding.Within());
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.True(b.IsAborted);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_listener_that_presents_no_proof_is_refused_before_it_learns_who_dials(string kind, string why)
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        await using BarePeer peer = new(b);
        Task listening = peer.ListenAsync(Present(kind));
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => TlsPair.InitiateAsync(a).Within());
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.True(a.IsAborted);
        if (kind != "two")
        {
            Assert.Single(a.Writes);
            await Assert.ThrowsAnyAsync<IOException>(() => listening.Within());
        }
    }

    [Theory]
    [InlineData("good")]
    [InlineData("rsa")]
    [InlineData("p384")]
    public async Task A_certificate_of_another_kind_of_key_proves_as_much(string kind)
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        await using BarePeer dialer = new(a);
        Task dialing = dialer.DialAsync(Present(kind));
        await using TlsChannel listener = await TlsPair.RespondAsync(b).Within();
        await dialing.Within();
        Assert.Equal(new CertificateForge().Identity.PeerId, listener.RemotePeer);
        Assert.Null(listener.EarlyMuxer);

        (a, b) = MemoryChannel.CreatePair();
        await using BarePeer peer = new(b);
        Task listening = peer.ListenAsync(Present(kind));
        await using TlsChannel dialed = await TlsPair.InitiateAsync(a, new CertificateForge().Identity.PeerId).Within();
        await listening.Within();
        Assert.Equal(new CertificateForge().Identity.PeerId, dialed.RemotePeer);
    }

    [Fact]
    public async Task A_dialer_without_a_certificate_is_refused()
    {
        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        await using BarePeer peer = new(a);
        Task dialing = peer.DialAsync(null);
        Libp2pException e = await Assert.ThrowsAsync<Libp2pException>(() => TlsPair.RespondAsync(b).Within());
        Assert.Equal(Libp2pErrorIds.HandshakeFailed, e.ErrorId);
        Assert.Contains("it presented no certificate", e.Message, StringComparison.Ordinal);
        await dialing.Within();
    }

    [Fact]
    public async Task An_address_in_a_certificate_is_never_asked()
    {
        using Socket named = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        named.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        named.Listen();
        Task<Socket> asked = named.AcceptAsync();
        string address = $"http://127.0.0.1:{((IPEndPoint)named.LocalEndPoint!).Port}/issuer.crt";
        X509AuthorityInformationAccessExtension issuers = new(ocspUris: [address], caIssuersUris: [address]);
        using X509Certificate2 certificate = (Good() with { Issuer = "CN=elsewhere", Extensions = key => [key, issuers] }).ToCertificate();
        SslStreamCertificateContext context = SslStreamCertificateContext.Create(certificate, null, offline: true);

        (MemoryChannel a, MemoryChannel b) = TlsPair.Raw();
        await using BarePeer dialer = new(a);
        Task dialing = dialer.DialAsync(context);
        await using TlsChannel listener = await TlsPair.RespondAsync(b).Within();
        await dialing.Within();

        (a, b) = MemoryChannel.CreatePair();
        await using BarePeer peer = new(b);
        Task listening = peer.ListenAsync(context);
        await using TlsChannel dialed = await TlsPair.InitiateAsync(a).Within();
        await listening.Within();

        Assert.False(asked.IsCompleted);
    }

    private static CertificateForge Good() => new() { NotBefore = DateTimeOffset.UtcNow.AddDays(-1), NotAfter = DateTimeOffset.UtcNow.AddDays(1) };

    private static SslStreamCertificateContext Present(string kind)
    {
        CertificateForge good = Good();
        CertificateForge forge = kind switch
        {
            "good" => good,
            "rsa" => good with { Key = RSA.Create(2048), Algorithm = CertificateForge.RsaSha256 },
            "p384" => good with { Key = ECDsa.Create(ECCurve.NamedCurves.nistP384) },
            "expired" => good with { NotAfter = DateTimeOffset.UtcNow.AddMinutes(-1) },
            "early" => good with { NotBefore = DateTimeOffset.UtcNow.AddHours(1) },
            "bare" => good with { Extensions = _ => [new X509Extension("1.2.3.4", [1], critical: false)] },
            "forged" => good with { SignIdentity = message => Libp2p.Crypto.PrivateKey.Generate().Sign(message) },
            "critical" => good with { Extensions = key => [key, new X509Extension("1.2.3.4", [1], critical: true)] },
            // the second is taken for the issuer of the first, by its name and its key
            "two" => good with { Issuer = "CN=issuer" },
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        X509Certificate2Collection? more = kind == "two"
            ? [X509CertificateLoader.LoadCertificate((good with { Key = forge.Key, Subject = "CN=issuer", Issuer = "CN=root" }).ToBytes())]
            : null;
        return SslStreamCertificateContext.Create(forge.ToCertificate(), more, offline: true);
    }
}

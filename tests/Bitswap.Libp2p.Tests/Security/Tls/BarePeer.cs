using System.Net.Security;
using System.Security.Authentication;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Security.Tls;

namespace Bitswap.Libp2p.Tests.Security.Tls;

/// <summary>A peer that speaks TLS as the test tells it, and takes whatever the other side presents.</summary>
internal sealed class BarePeer(BufferedChannel raw) : IAsyncDisposable
{
    private readonly SslStream _tls = new(new ChannelStream(raw));

    public Task DialAsync(SslStreamCertificateContext? certificate, SslProtocols versions = SslProtocols.Tls13, List<SslApplicationProtocol>? protocols = null) =>
        _tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "",
            EnabledSslProtocols = versions,
            ApplicationProtocols = protocols ?? [TlsConstants.Libp2p],
            ClientCertificateContext = certificate,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });

    public Task ListenAsync(SslStreamCertificateContext certificate, SslProtocols versions = SslProtocols.Tls13) =>
        _tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = versions,
            ApplicationProtocols = [TlsConstants.Libp2p],
            ServerCertificateContext = certificate,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });

    public ValueTask WriteAsync(byte[] data) => _tls.WriteAsync(data);

    public ValueTask DisposeAsync() => _tls.DisposeAsync();
}

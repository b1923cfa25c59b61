using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using PublicKey = Bitswap.Libp2p.Crypto.PublicKey;

namespace Bitswap.Libp2p.Security.Tls;

/// <summary>
/// Secures a raw connection as <c>/tls/1.0.0</c> does (libp2p specs, tls/tls.md): TLS 1.3, in which both sides present a certificate that their identity key vouches for, and
/// name the muxers that they speak as application protocols, which spares the negotiation of one.
/// A dialer verifies who answers before it shows its own certificate, so that its identity is known to the expected peer alone.
/// </summary>
internal sealed class TlsHandshake
{
    private readonly TlsIdentity _identity;
    private readonly PeerId? _expected;
    private readonly TimeProvider _clock;
    private byte[]? _verified;
    private PublicKey? _remoteKey;
    private Libp2pException? _failure;

    private TlsHandshake(TlsIdentity identity, PeerId? expected, TimeProvider clock)
    {
        _identity = identity;
        _expected = expected;
        _clock = clock;
    }

    /// <summary>Secures <paramref name="channel"/> as its dialer.</summary>
    /// <param name="channel">The connection, on which <c>/tls/1.0.0</c> was agreed. The returned channel owns it; it is aborted on any failure.</param>
    /// <param name="identity">This host's certificate.</param>
    /// <param name="expectedPeer">Who has to be at the other end; <see langword="null"/> for anyone.</param>
    /// <param name="muxers">The muxers spoken here, best first.</param>
    /// <param name="clock">Tells the time at which the other side's certificate has to be valid.</param>
    /// <param name="ct">Ends the handshake, and with it the connection. The caller's time limit comes in here.</param>
    /// <exception cref="Libp2pException">HandshakeFailed, PeerIdMismatch, ConnectionClosed.</exception>
    public static ValueTask<TlsChannel> InitiateAsync(BufferedChannel channel, TlsIdentity identity, PeerId? expectedPeer, IReadOnlyList<string> muxers,
        TimeProvider clock, CancellationToken ct)
    {
        TlsHandshake handshake = new(identity, expectedPeer, clock);
        SslClientAuthenticationOptions options = new()
        {
            // the specification forbids a name of the server
            TargetHost = "",
            EnabledSslProtocols = TlsConstants.Version,
            ApplicationProtocols = Protocols(muxers),
            LocalCertificateSelectionCallback = handshake.Select,
            RemoteCertificateValidationCallback = handshake.Validate,
            CertificateChainPolicy = NoChain(),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,
            AllowTlsResume = false,
        };
        return handshake.RunAsync(channel, (tls, token) => tls.AuthenticateAsClientAsync(options, token), ct);
    }

    /// <summary>Secures <paramref name="channel"/> as its listener. All else is as in <see cref="InitiateAsync"/>.</summary>
    public static ValueTask<TlsChannel> RespondAsync(BufferedChannel channel, TlsIdentity identity, PeerId? expectedPeer, IReadOnlyList<string> muxers,
        TimeProvider clock, CancellationToken ct)
    {
        TlsHandshake handshake = new(identity, expectedPeer, clock);
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = identity.Context,
            ClientCertificateRequired = true,
            EnabledSslProtocols = TlsConstants.Version,
            ApplicationProtocols = Protocols(muxers),
            RemoteCertificateValidationCallback = handshake.Validate,
            CertificateChainPolicy = NoChain(),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,
            AllowTlsResume = false,
        };
        return handshake.RunAsync(channel, (tls, token) => tls.AuthenticateAsServerAsync(options, token), ct);
    }

    private async ValueTask<TlsChannel> RunAsync(BufferedChannel channel, Func<SslStream, CancellationToken, Task> authenticateAsync, CancellationToken ct)
    {
        TlsCarrier carrier = new(channel);
        SslStream tls = new(carrier);
        try
        {
            await authenticateAsync(tls, ct).ConfigureAwait(false);
            PublicKey key = _remoteKey ?? throw PeerCertificate.Failed("it presented no certificate");
            SslApplicationProtocol agreed = tls.NegotiatedApplicationProtocol;
            string? muxer = agreed.Protocol.IsEmpty || agreed == TlsConstants.Libp2p ? null : agreed.ToString();
            return new TlsChannel(tls, carrier, channel, key, muxer);
        }
        catch (Exception error)
        {
            // a connection in the middle of a handshake is of no use to anyone
            channel.Abort();
            await tls.DisposeAsync().ConfigureAwait(false);
            if (_failure is { } failure)
            {
                throw new Libp2pException(failure.ErrorId, failure.Message, error);
            }
            if (error is not Libp2pException && TlsChannel.IsTls(error))
            {
                throw Failed(error, carrier);
            }
            throw;
        }
    }

    private static Libp2pException Failed(Exception error, TlsCarrier carrier)
    {
        string what = carrier.HasEnded ? "the other side ended before it was done" : error.GetBaseException().Message;
        return new Libp2pException(Libp2pErrorIds.HandshakeFailed, $"The TLS handshake failed: {what}", error);
    }

    /// <summary>Called before the handshake, with nothing to show, and again when the other side has proven its certificate and asks for this side's.</summary>
    private X509Certificate2 Select(object sender, string targetHost, X509CertificateCollection local, X509Certificate? remote, string[] issuers)
    {
        if (remote is null)
        {
            return null!;
        }
        try
        {
            Verify(remote);
            return _identity.Certificate;
        }
        catch (Libp2pException error)
        {
            _failure = error;
            throw;
        }
    }

    private bool Validate(object sender, X509Certificate? remote, X509Chain? chain, SslPolicyErrors errors)
    {
        try
        {
            if (remote is null)
            {
                throw PeerCertificate.Failed("it presented no certificate");
            }
            Verify(remote);
            // the chain's policy is this handshake's own, so what is in its store came from the other side; its certificate itself may be among it
            if (chain?.ChainPolicy.ExtraStore.Any(sent => !sent.RawDataMemory.Span.SequenceEqual(_verified)) == true)
            {
                throw PeerCertificate.Failed("it presented more than one certificate");
            }
            return true;
        }
        catch (Libp2pException error)
        {
            _remoteKey = null;
            _failure = error;
            return false;
        }
    }

    private void Verify(X509Certificate remote)
    {
        byte[] certificate = remote.GetRawCertData();
        if (certificate.AsSpan().SequenceEqual(_verified))
        {
            return;
        }
        PublicKey key = PeerCertificate.Verify(certificate, _clock.GetUtcNow());
        if (_expected is not null && !_expected.Equals(key.PeerId))
        {
            throw new Libp2pException(Libp2pErrorIds.PeerIdMismatch, $"Expected peer {_expected}, but {key.PeerId} answered.");
        }
        (_remoteKey, _verified) = (key, certificate);
    }

    private static List<SslApplicationProtocol> Protocols(IReadOnlyList<string> muxers) =>
        [.. muxers.Select(muxer => new SslApplicationProtocol(muxer)), TlsConstants.Libp2p];

    // SslStream builds a chain in any case: of what was sent, without the system's store, and above all without what a certificate names as an address to load more from
    private static X509ChainPolicy NoChain() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };
}

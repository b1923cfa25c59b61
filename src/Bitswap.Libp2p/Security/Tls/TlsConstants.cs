using System.Net.Security;
using System.Security.Authentication;

namespace Bitswap.Libp2p.Security.Tls;

/// <summary>Defines the names and numbers of <c>/tls/1.0.0</c> (libp2p specs, tls/tls.md).</summary>
internal static class TlsConstants
{
    /// <summary>The name in protocol negotiation.</summary>
    public const string ProtocolId = "/tls/1.0.0";

    /// <summary>The extension of a certificate that holds the identity key and its signature: the libp2p Public Key Extension.</summary>
    public const string KeyExtension = "1.3.6.1.4.1.53594.1.1";

    /// <summary>The application protocol of those who negotiate their muxer afterwards.</summary>
    public static readonly SslApplicationProtocol Libp2p = new("libp2p");

    /// <summary>Gets what an identity key signs in front of the certificate's key.</summary>
    public static ReadOnlySpan<byte> SignaturePrefix => "libp2p-tls-handshake:"u8;

    /// <summary>The one version that is spoken.</summary>
    public const SslProtocols Version = SslProtocols.Tls13;

    /// <summary>
    /// Gets whether .NET has TLS 1.3 for both sides of a connection on this system: on Linux and FreeBSD by OpenSSL, on Windows from 11 and Server 2022 on. On macOS it has it
    /// for a dialer at most.
    /// </summary>
    public static bool IsSupported { get; } =
        OperatingSystem.IsWindows() ? OperatingSystem.IsWindowsVersionAtLeast(10, 0, 20348) : OperatingSystem.IsLinux() || OperatingSystem.IsFreeBSD();
}

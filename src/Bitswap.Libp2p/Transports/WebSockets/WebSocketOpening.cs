using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Transports.WebSockets;

/// <summary>Opens WebSockets on TCP connections (RFC 6455): as the side that dials, over TLS too, and as the side that listens.</summary>
internal static class WebSocketOpening
{
    /// <summary>The longest request that the listening side reads, in bytes: as many as most servers.</summary>
    public const int MaxRequest = 8192;

    // RFC 6455, section 1.3
    private const string AcceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const int KeyLength = 16;

    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;

    /// <summary>Asks for a WebSocket. Who answers is proven later, by the libp2p handshake; with TLS the certificate has to be valid for the host as well.</summary>
    /// <param name="raw">The connection, which the result owns.</param>
    /// <param name="address">The host, and whether TLS lies beneath.</param>
    /// <param name="port">The port, for the request.</param>
    /// <param name="trust">Which certificates are valid; null for what the system trusts.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="Libp2pException">HandshakeFailed: TLS failed, or no WebSocket was opened.</exception>
    public static async ValueTask<WebSocketChannel> RequestAsync(
        BufferedChannel raw, WebSocketAddress address, int port, X509ChainPolicy? trust, CancellationToken ct)
    {
        // one connection, which is there already: no pool, no proxy, no redirect
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = (_, _) => ValueTask.FromResult<Stream>(new ChannelStream(raw)),
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust },
        };
        using HttpMessageInvoker invoker = new(handler, disposeHandler: false);
        ClientWebSocket socket = new();
        // yamux pings
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        try
        {
            await socket.ConnectAsync(address.At(port), invoker, ct).ConfigureAwait(false);
            return new WebSocketChannel(socket, raw);
        }
        catch (Exception error) when (error is WebSocketException or HttpRequestException or IOException)
        {
            socket.Dispose();
            string why = error.GetBaseException() is { } cause && cause != error ? $"{error.Message} {cause.Message}" : error.Message;
            throw new Libp2pException(Libp2pErrorIds.HandshakeFailed, $"No WebSocket was opened: {why}", error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Reads the request for a WebSocket and accepts it, whatever its path and host.</summary>
    /// <param name="raw">The connection, which the result owns.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="Libp2pException">NegotiationFailed: something else came; it is answered as HTTP has it. ConnectionClosed.</exception>
    public static async ValueTask<WebSocketChannel> AcceptAsync(BufferedChannel raw, CancellationToken ct)
    {
        string head = await ReadHeadAsync(raw, ct).ConfigureAwait(false);
        if (Refusal(head, out string? key) is { } refusal)
        {
            await raw.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {refusal}\r\nConnection: close\r\nContent-Length: 0\r\nSec-WebSocket-Version: 13\r\n\r\n"), ct).ConfigureAwait(false);
            throw new Libp2pException(Libp2pErrorIds.NegotiationFailed, $"The other side asked for no WebSocket, and was answered {refusal}.");
        }
#pragma warning disable CA5350 // RFC 6455 has SHA-1 here, where it protects nothing
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptGuid)));
#pragma warning restore CA5350
        await raw.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"), ct).ConfigureAwait(false);
        WebSocket socket = WebSocket.CreateFromStream(new ChannelStream(raw), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.Zero });
        return new WebSocketChannel(socket, raw);
    }

    private static async ValueTask<string> ReadHeadAsync(BufferedChannel raw, CancellationToken ct)
    {
        while (true)
        {
            int end = raw.Buffered.Span.IndexOf(EndOfHead);
            if (end >= 0)
            {
                string head = Encoding.Latin1.GetString(raw.Buffered.Span[..end]);
                raw.Consume(end + EndOfHead.Length);
                return head;
            }
            int looked = raw.Buffered.Length;
            if (looked >= MaxRequest)
            {
                throw new Libp2pException(Libp2pErrorIds.NegotiationFailed, $"The other side's request for a WebSocket is longer than {MaxRequest} bytes.");
            }
            if (!await raw.FillAsync(looked + 1, ct).ConfigureAwait(false))
            {
                throw new Libp2pException(Libp2pErrorIds.ConnectionClosed, "The other side closed the connection before it asked for a WebSocket.");
            }
        }
    }

    /// <summary>Returns the status line for what is no request for a WebSocket of version 13; null for one that is.</summary>
    private static string? Refusal(string head, out string? key)
    {
        key = null;
        string[] lines = head.Split("\r\n");
        if (lines[0].Split(' ') is not ["GET", _, "HTTP/1.1"])
        {
            return "400 Bad Request";
        }
        Dictionary<string, string> fields = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1)
            {
                return "400 Bad Request";
            }
            string name = line[..colon];
            string value = line[(colon + 1)..].Trim();
            fields[name] = fields.TryGetValue(name, out string? before) ? $"{before},{value}" : value;
        }
        if (!Has(fields, "Upgrade", "websocket") || !Has(fields, "Connection", "Upgrade"))
        {
            return "426 Upgrade Required";
        }
        if (fields.GetValueOrDefault("Sec-WebSocket-Version") != "13")
        {
            return "426 Upgrade Required";
        }
        key = fields.GetValueOrDefault("Sec-WebSocket-Key");
        return key is not null && Convert.TryFromBase64String(key, stackalloc byte[KeyLength + 2], out int length) && length == KeyLength ? null : "400 Bad Request";
    }

    private static bool Has(Dictionary<string, string> fields, string name, string token) =>
        fields.TryGetValue(name, out string? value)
        && value.Split(',', StringSplitOptions.TrimEntries).Contains(token, StringComparer.OrdinalIgnoreCase);
}

using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Networks.Http;

/// <summary>
/// Opens the sockets to servers of HTTP. One that a person named is connected to wherever it is; one that another named, or leads to, only where that may have it
/// dialled. What a name stands for is looked up once, so that what was checked is what is connected to.
/// </summary>
/// <param name="rule">Which addresses others may name or lead to.</param>
/// <param name="refuse">Makes the error of a request that may not go to a host, which stands for these addresses.</param>
/// <param name="lookUp">Looks up a name; null for the system's way.</param>
internal sealed class HttpSockets(DialRule rule, Func<HttpRequestMessage, string, IPAddress[], Exception> refuse, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null)
{
    // As many as one node asks; the rest is looked up again.
    private const int MaxRemembered = 1024;

    /// <summary>Of a request: the host to connect to in the place of that of its URL, which is proved by TLS.</summary>
    public static readonly HttpRequestOptionsKey<string> ConnectTo = new("connect-to");

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookUp = lookUp ?? Dns.GetHostAddressesAsync;
    private readonly ConcurrentDictionary<(string Host, int Port), AddressScope> _reaches = new();

    /// <summary>Gets whether what others name or lead to is asked in plain text only where it is near.</summary>
    public bool IsPlainNearOnly { get; init; }

    /// <summary>Opens the socket of one connection.</summary>
    /// <param name="context">Which.</param>
    /// <param name="source">How far the server reaches that leads there, or the source that named it; null where a person did.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Exception">What the owner makes of a host that may not be connected to.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, AddressScope? source, CancellationToken cancellationToken)
    {
        DnsEndPoint to = context.DnsEndPoint;
        HttpRequestMessage request = context.InitialRequestMessage;

        // Of a proxy, which is the person's own choice, it is not known where it connects to.
        bool isProxy = request.RequestUri is { } asked && (asked.Port != to.Port || !asked.IdnHost.Equals(to.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase));
        string host = !isProxy && request.Options.TryGetValue(ConnectTo, out string? other) ? other : to.Host;
        IPAddress[] found = IPAddress.TryParse(host, out IPAddress? literal) ? [literal] : await _lookUp(host, cancellationToken).ConfigureAwait(false);
        if (source is { } from && !isProxy)
        {
            bool isNearOnly = IsPlainNearOnly && request.RequestUri?.Scheme == Uri.UriSchemeHttp;
            IPAddress[] admitted = [.. found.Where(address => rule.Admits(host, address, from) && !(isNearOnly && AddressScopes.Of(address) == AddressScope.World))];
            found = admitted.Length > 0 ? admitted : throw refuse(request, host, found);
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(found, to.Port, cancellationToken).ConfigureAwait(false);
            if (!isProxy)
            {
                Remember((to.Host.ToUpperInvariant(), to.Port), AddressScopes.Of(((IPEndPoint)socket.RemoteEndPoint!).Address));
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Returns how far the server at an address reaches: by what was connected to, else by its name.</summary>
    public AddressScope ReachOf(Uri server) => _reaches.TryGetValue((server.IdnHost.ToUpperInvariant(), server.Port), out AddressScope reach)
        ? reach
        : AddressScopes.OfHost(server.IdnHost);

    /// <summary>Returns whether a server may lead to a URL. What a name stands for is looked at when it is connected to.</summary>
    /// <param name="next">The URL.</param>
    /// <param name="source">How far the server reaches that leads there.</param>
    public bool MayLeadTo(Uri next, AddressScope source)
    {
        AddressScope reach = AddressScopes.OfHost(next.IdnHost);
        return !(IsPlainNearOnly && reach == AddressScope.World && next.Scheme == Uri.UriSchemeHttp)
            && (rule.Admits(reach, source) || (reach == AddressScope.World && next.HostNameType == UriHostNameType.Dns));
    }

    private void Remember((string Host, int Port) server, AddressScope reach)
    {
        if (_reaches.Count >= MaxRemembered)
        {
            _reaches.Clear();
        }

        _reaches[server] = reach;
    }
}

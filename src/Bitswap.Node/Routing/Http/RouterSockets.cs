using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Routing.Http;

/// <summary>
/// Opens the sockets to routers. One that a person named is connected to wherever it is; one that another router leads to, only where that may have it
/// dialled. What a name stands for is looked up once, so that what was checked is what is connected to.
/// </summary>
/// <param name="rule">Which addresses a router may lead to.</param>
/// <param name="lookUp">Looks up a name; null for the system's way.</param>
internal sealed class RouterSockets(DialRule rule, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null)
{
    // As many as one node asks; the rest is looked up again.
    private const int MaxRemembered = 1024;

    /// <summary>Of a question: the router as a person named it.</summary>
    public static readonly HttpRequestOptionsKey<Uri> Router = new("router");

    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookUp = lookUp ?? Dns.GetHostAddressesAsync;
    private readonly ConcurrentDictionary<(string Host, int Port), AddressScope> _reaches = new();

    /// <summary>Opens the socket of one connection.</summary>
    /// <param name="context">Which.</param>
    /// <param name="source">How far the router reaches that leads there; null where a person named it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BitswapException">RouterRefused: it may not be led there.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, AddressScope? source, CancellationToken cancellationToken)
    {
        DnsEndPoint to = context.DnsEndPoint;
        IPAddress[] found = IPAddress.TryParse(to.Host, out IPAddress? literal) ? [literal] : await _lookUp(to.Host, cancellationToken).ConfigureAwait(false);

        // Of a proxy, which is the person's own choice, it is not known where it connects to.
        bool isProxy = context.InitialRequestMessage.RequestUri is { } asked && (asked.Port != to.Port || !asked.DnsSafeHost.Equals(to.Host, StringComparison.OrdinalIgnoreCase));
        if (source is { } from && !isProxy)
        {
            IPAddress[] admitted = [.. found.Where(address => rule.Admits(to.Host, address, from))];
            found = admitted.Length > 0 ? admitted : throw RoutingErrors.LedTo(RouterOf(context.InitialRequestMessage), to.Host, found);
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

    /// <summary>Returns how far the router at an address reaches: by what was connected to, else by its name.</summary>
    public AddressScope ReachOf(Uri router) => _reaches.TryGetValue((router.DnsSafeHost.ToUpperInvariant(), router.Port), out AddressScope reach)
        ? reach
        : AddressScopes.OfHost(router.DnsSafeHost);

    // What was asked tells whom to name in an error.
    private static Uri RouterOf(HttpRequestMessage question) =>
        question.Options.TryGetValue(Router, out Uri? router) ? router : question.RequestUri!;

    private void Remember((string Host, int Port) router, AddressScope reach)
    {
        if (_reaches.Count >= MaxRemembered)
        {
            _reaches.Clear();
        }

        _reaches[router] = reach;
    }
}

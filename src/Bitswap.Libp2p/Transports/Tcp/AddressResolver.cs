using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>Turns a multiaddr into what a socket can connect to.</summary>
internal sealed class AddressResolver
{
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _lookUp;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;

    public AddressResolver(TimeSpan timeout, TimeProvider clock, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null)
    {
        _timeout = timeout;
        _clock = clock;
        _lookUp = lookUp ?? Dns.GetHostAddressesAsync;
    }

    /// <summary>Returns what an address that holds an IP address leads to; null for one that holds a name.</summary>
    /// <exception cref="Libp2pException">UnsupportedAddress: neither TCP nor a WebSocket.</exception>
    public static DialTarget? ParseLiteral(Multiaddr address)
    {
        if (AddressTransports.IsDnsAddr(address))
        {
            return null;
        }
        DialAddress parsed = Parse(address);
        return parsed.Kind is MultiaddrHostKind.Ip4 or MultiaddrHostKind.Ip6
            ? new DialTarget(new IPEndPoint(IPAddress.Parse(parsed.Host), parsed.Port), parsed.WebSocket)
            : null;
    }

    /// <summary>Looks up the name of a host in <paramref name="address"/>, at most as long as the resolve timeout.</summary>
    /// <exception cref="Libp2pException">PeerUnreachable: the name is unknown, has no address of that family, or no answer came.</exception>
    public async Task<IReadOnlyList<DialTarget>> ResolveAsync(Multiaddr address, CancellationToken ct)
    {
        if (ParseLiteral(address) is { } literal)
        {
            return [literal];
        }
        DialAddress parsed = Parse(address);
        string host = parsed.Host;
        using var timeout = new CancellationTokenSource(_timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        IPAddress[] found;
        try
        {
            found = await _lookUp(host, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Libp2pException(Libp2pErrorIds.PeerUnreachable, $"Resolving {host} took longer than {_timeout}.");
        }
        catch (SocketException error)
        {
            throw new Libp2pException(Libp2pErrorIds.PeerUnreachable, $"Resolving {host} failed: {error.Message}", error);
        }
        List<DialTarget> wanted = AddressOrder.Interleave(
            found.Where(ip => IsWanted(ip.AddressFamily, parsed.Kind)).Select(ip => new DialTarget(new IPEndPoint(ip, parsed.Port), parsed.WebSocket)));
        return wanted.Count > 0
            ? wanted
            : throw new Libp2pException(Libp2pErrorIds.PeerUnreachable, $"{host} has no address that /{address.Components[0].Protocol} asks for.");
    }

    private static DialAddress Parse(Multiaddr address) => DialAddress.TryParse(address, out DialAddress? parsed)
        ? parsed
        : throw new Libp2pException(
            Libp2pErrorIds.UnsupportedAddress,
            RelayedAddress.NamesNoPeer(address)
                ? $"{address} leads to a relay, and names no peer behind it: add /p2p/ and the id of the peer."
                : $"{address}: {AddressTransports.ForeignNameOf(address)} is not spoken here; {AddressTransports.Dialled} addresses are dialled, such as /ip4/192.0.2.1/tcp/4001 or /dns4/example.com/tcp/443/wss.");

    private static bool IsWanted(AddressFamily family, MultiaddrHostKind kind) => family switch
    {
        AddressFamily.InterNetwork => kind != MultiaddrHostKind.Dns6,
        AddressFamily.InterNetworkV6 => kind != MultiaddrHostKind.Dns4,
        _ => false,
    };
}

/// <summary>Represents what one attempt of a dial connects to.</summary>
/// <param name="EndPoint">Where the socket connects.</param>
/// <param name="WebSocket">The WebSocket that is opened on it; null for plain TCP.</param>
internal sealed record DialTarget(IPEndPoint EndPoint, WebSocketAddress? WebSocket = null)
{
    /// <summary>Gets the address, without a peer id.</summary>
    public Multiaddr Address => WebSocket is null ? Multiaddr.FromEndPoint(EndPoint) : Multiaddr.FromEndPoint(EndPoint).Encapsulate(WebSocket.Suffix);
}

/// <summary>Orders the addresses of a peer as they are tried.</summary>
internal static class AddressOrder
{
    /// <summary>
    /// RFC 8305 section 4: IPv6 first, then the families in turn; within a family the given order stays. Duplicates are dropped.
    /// </summary>
    public static List<DialTarget> Interleave(IEnumerable<DialTarget> targets)
    {
        DialTarget[] distinct = [.. targets.Distinct()];
        Queue<DialTarget> v6 = new(distinct.Where(e => e.EndPoint.AddressFamily == AddressFamily.InterNetworkV6));
        Queue<DialTarget> v4 = new(distinct.Where(e => e.EndPoint.AddressFamily != AddressFamily.InterNetworkV6));
        List<DialTarget> ordered = new(distinct.Length);
        while (v6.Count + v4.Count > 0)
        {
            if (v6.TryDequeue(out DialTarget? sixth))
            {
                ordered.Add(sixth);
            }
            if (v4.TryDequeue(out DialTarget? fourth))
            {
                ordered.Add(fourth);
            }
        }
        return ordered;
    }
}

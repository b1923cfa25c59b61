using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Bitswap.Libp2p.Crypto;
using Bitswap.Node.Tests.Support;

namespace Bitswap.Node.Tests.PublicNetwork;

/// <summary>How a provider of the model can be had, if at all.</summary>
internal enum ProviderKind
{
    /// <summary>Over TCP.</summary>
    Tcp,

    /// <summary>Over WebSocket.</summary>
    WebSocket,

    /// <summary>As a trustless gateway, over HTTP.</summary>
    Http,

    /// <summary>Over TCP; its record names an address that it has left, too.</summary>
    Stale,

    /// <summary>Over TCP; its record names no address, and the router tells it when it is asked for the peer.</summary>
    LookedUp,

    /// <summary>Over TCP, ten times as far.</summary>
    Slow,

    /// <summary>Gone: nothing listens there.</summary>
    Dead,

    /// <summary>Its port is open, and nothing answers.</summary>
    Mute,

    /// <summary>Its address is not known to anyone.</summary>
    NoAddress,

    /// <summary>It is a peer and does not have what it is named for.</summary>
    Lying,

    /// <summary>Behind a NAT: a relay alone leads to it, and that holds no reservation of it any more.</summary>
    Relay,

    /// <summary>It listens on QUIC alone.</summary>
    Quic,
}

/// <summary>
/// The public network of IPFS in small, on loopback: a router, and providers of every kind, each at the end of a line with a delay. About a third of the providers are
/// behind NATs (Balduf et al., "The Cloud Strikes Back", 2023); the other shares are estimates.
/// </summary>
internal sealed class ModelNetwork : IAsyncDisposable
{
    // Of 100 providers.
    private static readonly (ProviderKind Kind, int Share)[] _shares =
    [
        (ProviderKind.Tcp, 18), (ProviderKind.WebSocket, 5), (ProviderKind.Http, 6), (ProviderKind.Stale, 6), (ProviderKind.LookedUp, 5), (ProviderKind.Slow, 2),
        (ProviderKind.Relay, 33), (ProviderKind.Quic, 6), (ProviderKind.Dead, 10), (ProviderKind.Mute, 2), (ProviderKind.NoAddress, 3), (ProviderKind.Lying, 4),
    ];

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly TcpListener _mute = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<string, string> _records = new();
    private NodeHost _tcp = null!;
    private NodeHost _webSocket = null!;
    private NodeHost _liar = null!;
    private TestGateway _gateway = null!;
    private string _tcpAddress = null!;
    private string _slowAddress = null!;
    private string _webSocketAddress = null!;
    private string _liarAddress = null!;
    private string _gatewayAddress = null!;

    private ModelNetwork() => Router = RouterServer.ByPath(path => _records.GetValueOrDefault(path[(path.LastIndexOf('/') + 1)..]));

    /// <summary>Gets the time from a getter to a provider and back.</summary>
    public static TimeSpan RoundTrip { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Gets the router that names the providers.</summary>
    public RouterServer Router { get; }

    /// <summary>Starts it.</summary>
    public static async Task<ModelNetwork> StartAsync()
    {
        ModelNetwork network = new();
        network._tcp = network.Own(await NodeHost.StartAsync(new NodeOptions()));
        network._webSocket = network.Own(await NodeHost.StartAsync(new NodeOptions { ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0/ws")] }));
        network._liar = network.Own(await NodeHost.StartAsync(new NodeOptions()));
        network._gateway = network.Own(await TestGateway.StartAsync([]));
        network._tcpAddress = $"{network.Far(PortOf(network._tcp))}/p2p/{network._tcp.PeerId}";
        network._slowAddress = $"{network.Far(PortOf(network._tcp), 10)}/p2p/{network._tcp.PeerId}";
        network._webSocketAddress = $"{network.Far(PortOf(network._webSocket))}/ws/p2p/{network._webSocket.PeerId}";
        network._liarAddress = $"{network.Far(PortOf(network._liar))}/p2p/{network._liar.PeerId}";
        network._gatewayAddress = $"{network.Far(network._gateway.Uri.Port)}/http";
        network._records[network._tcp.PeerId.ToCid().ToString()] = Record(network._tcp.PeerId, network._tcpAddress);
        network._mute.Start();
        return network;
    }

    /// <summary>Returns the kinds of the providers of one CID: one to four, of the shares of the model.</summary>
    public static ProviderKind[] Draw(Random random) => [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => DrawOne(random)).Distinct()];

    /// <summary>Returns whether a getter can have blocks from such a provider.</summary>
    public static bool IsOfUse(ProviderKind kind) => kind <= ProviderKind.Slow;

    /// <summary>Announces a block by providers of these kinds, and gives it and what is below it to those that have it.</summary>
    public async Task AnnounceAsync(Block announced, IReadOnlyList<Block> below, IReadOnlyList<ProviderKind> kinds)
    {
        Block[] all = [announced, .. below];
        foreach (ProviderKind kind in kinds.Where(IsOfUse))
        {
            if (kind == ProviderKind.Http)
            {
                Array.ForEach(all, block => _gateway.Put(block));
            }
            else
            {
                await Samples.PutAsync(kind == ProviderKind.WebSocket ? _webSocket : _tcp, all);
            }
        }

        _records[announced.Cid.ToString()] = string.Join('\n', kinds.Select(RecordOf));
    }

    public async ValueTask DisposeAsync()
    {
        await Router.DisposeAsync();
        _mute.Dispose();
        foreach (IAsyncDisposable part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }
    }

    private string RecordOf(ProviderKind kind)
    {
        PeerId stranger = PrivateKey.Generate().PeerId;
        string gone = $"/ip4/127.0.0.1/tcp/1/p2p/{stranger}";
        return kind switch
        {
            ProviderKind.Tcp => Record(_tcp.PeerId, _tcpAddress),
            ProviderKind.WebSocket => Record(_webSocket.PeerId, _webSocketAddress),
            ProviderKind.Http => Record(stranger, _gatewayAddress),
            ProviderKind.Stale => Record(_tcp.PeerId, $"/ip4/127.0.0.1/tcp/1/p2p/{_tcp.PeerId}", _tcpAddress),
            ProviderKind.LookedUp => Record(_tcp.PeerId),
            ProviderKind.Slow => Record(_tcp.PeerId, _slowAddress),
            ProviderKind.Dead => Record(stranger, gone),
            ProviderKind.Mute => Record(stranger, $"/ip4/127.0.0.1/tcp/{((IPEndPoint)_mute.LocalEndpoint).Port}/p2p/{stranger}"),
            ProviderKind.NoAddress => Record(stranger),
            ProviderKind.Lying => Record(_liar.PeerId, _liarAddress),
            ProviderKind.Relay => Record(stranger, $"{_tcpAddress}/p2p-circuit"),
            _ => Record(stranger, "/ip4/127.0.0.1/udp/4001/quic-v1"),
        };
    }

    private static string Record(PeerId peer, params string[] addresses) => JsonSerializer.Serialize(new { Schema = "peer", ID = peer.ToString(), Addrs = addresses });

    private static ProviderKind DrawOne(Random random)
    {
        int at = random.Next(100);
        int i = 0;
        while ((at -= _shares[i].Share) >= 0)
        {
            i++;
        }

        return _shares[i].Kind;
    }

    private static int PortOf(NodeHost node) => int.Parse(node.Addresses[0].Components.Single(part => part.Protocol == "tcp").Value!, CultureInfo.InvariantCulture);

    private string Far(int port, int times = 1)
    {
        DelayedLine line = Own(new DelayedLine(port, RoundTrip / 2 * times));
        return $"/ip4/127.0.0.1/tcp/{line.Port}";
    }

    private T Own<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }
}

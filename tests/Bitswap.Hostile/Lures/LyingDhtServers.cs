using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Hosting;

namespace Bitswap.Hostile.Lures;

/// <summary>DHT servers that name peers and providers that do not exist.</summary>
internal sealed class LyingDhtServers : Lure
{
    private const int Closer = 20;
    private const int Bogus = 100;
    private const int LongestRequest = 4096;

    public override string Name => "lying DHT servers";

    public override string Summary => "DHT servers that name 20 closer peers and 100 providers which take a connection and say nothing";

    public override async Task<Sources> StartAsync(Multiaddr provider, int liars, CancellationToken cancellationToken)
    {
        BlackHole hole = new(cancellationToken);
        List<Multiaddr> servers = [];
        for (int i = 0; i < liars; i++)
        {
            servers.Add(await ServeAsync(
                type => Answer(type, Enumerable.Range(0, Closer).Select(_ => hole.Nobody()), Enumerable.Range(0, Bogus).Select(_ => hole.Nobody())), cancellationToken));
        }

        servers.Add(await ServeAsync(type => Answer(type, [], [provider]), cancellationToken));
        return new Sources([], [], servers);
    }

    private static async Task<Multiaddr> ServeAsync(Func<int, byte[]> answer, CancellationToken over)
    {
        Libp2pHost host = await Libp2pHost.StartAsync(
            new Libp2pOptions { Identity = PrivateKey.Generate(), ListenAddresses = [Multiaddr.Parse("/ip4/127.0.0.1/tcp/0")] }, over);
        host.Handle(new RoutingOptions().DhtProtocol, async (stream, token) =>
        {
            byte[] request = new byte[LongestRequest];
            while (await stream.ReadAsync(request, token) > 0)
            {
                // kad-dht/README.md, Message: field 1 is the type, which every client writes first, after a length of one byte
                await stream.WriteAsync(answer(request[2]), token);
            }
        });
        return host.Addresses[0];
    }

    private static byte[] Answer(int type, IEnumerable<Multiaddr> closer, IEnumerable<Multiaddr> providers) => Wire.Frame(Wire.Message(message =>
    {
        Wire.Write(message, 1, type);
        foreach (Multiaddr peer in closer)
        {
            Wire.Write(message, 8, Peer(peer));
        }

        foreach (Multiaddr peer in providers)
        {
            Wire.Write(message, 9, Peer(peer));
        }
    }));

    private static byte[] Peer(Multiaddr address) => Wire.Message(peer =>
    {
        Wire.Write(peer, 1, address.PeerId!.ToByteArray());
        Wire.Write(peer, 2, address.WithoutPeerId()!.ToByteArray());
    });
}

using System.Collections.Concurrent;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Hosting;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Libp2p.Protocols.Kademlia.Wire;
using Bitswap.Libp2p.Tests.Hosting;

namespace Bitswap.Libp2p.Tests.Protocols.Kademlia;

/// <summary>A peer of a DHT on loopback that answers what a test tells it to.</summary>
internal sealed class DhtServer : IAsyncDisposable
{
    private DhtServer(Libp2pHost host) => Host = host;

    public Libp2pHost Host { get; }

    public PeerId Id => Host.PeerId;

    public KademliaPeer Peer => new(Id, Host.Addresses);

    /// <summary>The closer peers that it tells.</summary>
    public List<KademliaPeer> Closer { get; } = [];

    /// <summary>The providers that it tells.</summary>
    public List<KademliaPeer> Providers { get; } = [];

    /// <summary>The values that it gives, each with the key that it says it is of; the first of them.</summary>
    public List<(byte[] Key, byte[] Value)> Values { get; } = [];

    /// <summary>Gets the values that it was given.</summary>
    public ConcurrentQueue<(byte[] Key, byte[] Value)> Put { get; } = [];

    /// <summary>Gets or sets what it says that it keeps, of what it was given.</summary>
    public Func<byte[], byte[]?> PutAnswer { get; set; } = value => value;

    /// <summary>Gets what it was told that others provide.</summary>
    public ConcurrentQueue<(byte[] Key, KademliaPeer Provider)> Provided { get; } = [];

    /// <summary>Gets or sets whether it resets the stream of one that provides something.</summary>
    public bool RefusesProviders { get; set; }

    /// <summary>Gets or sets what it waits for at each message of one that provides something.</summary>
    public Task ProviderGate { get; set; } = Task.CompletedTask;

    /// <summary>Gets or sets whether it answers one FIND_NODE, and nothing after that.</summary>
    public bool ClosesAfterFindNode { get; set; }

    /// <summary>Gets what it was asked.</summary>
    public ConcurrentQueue<(KademliaRequest Request, byte[] Key)> Asked { get; } = [];

    /// <summary>Whether it waits for this before it answers.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Gets or sets what it sends in place of an answer.</summary>
    public byte[]? Nonsense { get; set; }

    public static async Task<DhtServer> StartAsync(string protocol = KademliaOptions.AminoProtocol)
    {
        DhtServer server = new(await TestHosts.StartAsync());
        server.Host.Handle(protocol, server.AnswerAsync);
        return server;
    }

    public static async Task<DhtServer[]> StartManyAsync(int count)
    {
        List<DhtServer> servers = [];
        for (int i = 0; i < count; i++)
        {
            servers.Add(await StartAsync());
        }
        return [.. servers];
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private async Task AnswerAsync(Libp2pStream stream, CancellationToken ct)
    {
        byte[] frame = await ReadAsync(stream, ct);
        while (DhtMessage.Parser.ParseFrom(frame) is { Type: (int)KademliaRequest.AddProvider } provided)
        {
            if (RefusesProviders)
            {
                stream.Reset();
                return;
            }
            await TakeAsync(stream, provided, ct);
            frame = await ReadAsync(stream, ct);
        }
        (KademliaRequest request, byte[] key, DhtRecord? record) = Read(frame);
        Asked.Enqueue((request, key));
        await Gate.WaitAsync(ct);
        if (ClosesAfterFindNode && request != KademliaRequest.FindNode)
        {
            return;
        }
        (byte[] Key, byte[] Value)? kept = request == KademliaRequest.GetValue && Values.Count > 0 ? Values[0] : null;
        if (record is not null)
        {
            Put.Enqueue((record.Key.ToByteArray(), record.Value.ToByteArray()));
            kept = PutAnswer(record.Value.ToByteArray()) is { } answer ? (record.Key.ToByteArray(), answer) : null;
        }
        await stream.WriteAsync(Nonsense ?? KademliaMessages.Frame(KademliaMessages.Answer(
            request, Closer, request == KademliaRequest.GetProviders ? Providers : [], key, kept)), ct);
        // the client ends the stream, having read
        await stream.ReadAsync(new byte[1], ct);
    }

    // byte for byte, so that nothing is lost of a message behind it
    private static async Task<byte[]> ReadAsync(Libp2pStream stream, CancellationToken ct) =>
        await KademliaFrame.ReadAsync((memory, token) => stream.ReadAsync(memory[..1], token), 4096, message => message.ToArray(), ct);

    private async Task TakeAsync(Libp2pStream stream, DhtMessage message, CancellationToken ct)
    {
        DhtPeer provider = Assert.Single(message.ProviderPeers);
        Assert.Equal(new DhtMessage { Type = message.Type, Key = message.Key, ProviderPeers = { provider } }, message);
        Assert.True(PeerId.TryFromBytes(provider.Id.Span, out PeerId? id));
        // others are not believed (specification, "Content provider advertisement")
        Assert.Equal(stream.RemotePeer, id);
        Multiaddr[] addresses = [.. provider.Addrs.Select(bytes => Multiaddr.TryFromBytes(bytes.Span, out Multiaddr? address) ? address : throw new InvalidDataException())];
        Provided.Enqueue((message.Key.ToByteArray(), new KademliaPeer(id, addresses)));
        await ProviderGate.WaitAsync(ct);
    }

    private static (KademliaRequest Request, byte[] Key, DhtRecord? Record) Read(byte[] message)
    {
        DhtMessage request = DhtMessage.Parser.ParseFrom(message);
        Assert.Equal(new DhtMessage { Type = request.Type, Key = request.Key, Record = request.Record }, request);
        Assert.Equal(request.Type == (int)KademliaRequest.PutValue, request.Record is not null);
        return ((KademliaRequest)request.Type, request.Key.ToByteArray(), request.Record);
    }
}

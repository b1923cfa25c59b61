using System.Buffers;
using System.Collections.Concurrent;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Node.Networks;

namespace Bitswap.Node.Tests.Support;

/// <summary>A node that is a server of the DHT, too, as most nodes of the public network are.</summary>
internal sealed class DhtServerNode : IAsyncDisposable
{
    private DhtServerNode()
    {
    }

    public NodeHost Node { get; private set; } = null!;

    /// <summary>What it answers, after the type that it is given.</summary>
    public Func<byte, byte[]> Answer { get; set; } = _ => [];

    /// <summary>What it is told of providers, each as an answer to GET_PROVIDERS has it.</summary>
    public ConcurrentQueue<byte[]> Provided { get; } = [];

    /// <summary>The keys that it is told of, multihashes in binary, in the order of <see cref="Provided"/>.</summary>
    public ConcurrentQueue<byte[]> ProvidedKeys { get; } = [];

    public static async Task<DhtServerNode> StartAsync()
    {
        DhtServerNode server = new();
        NodeOptions options = new();
        server.Node = await NodeHost.StartAsync(options with { Network = new Network(options.CreateLibp2pNetwork(null), server) });
        return server;
    }

    public ValueTask DisposeAsync() => Node.DisposeAsync();

    private void Take(byte[] key, byte[] provider)
    {
        Provided.Enqueue(provider);
        ProvidedKeys.Enqueue(key);
    }

    private sealed class Network(IPeerNetwork inner, DhtServerNode server) : WrappedNetwork(inner)
    {
        public override ValueTask StartAsync(IPeerNetworkHandler handler, MessageOptions messages, CancellationToken cancellationToken) =>
            base.StartAsync(new Handler(handler, server), messages with { Protocols = [.. messages.Protocols, KademliaOptions.AminoProtocol] }, cancellationToken);
    }

    private sealed class Handler(IPeerNetworkHandler inner, DhtServerNode server) : IPeerNetworkHandler
    {
        public void PeerConnected(PeerId peer) => inner.PeerConnected(peer);

        public void PeerChanged(PeerId peer) => inner.PeerChanged(peer);

        public void PeerDisconnected(PeerId peer, ConnectionEnd end) => inner.PeerDisconnected(peer, end);

        public Task HandleStreamAsync(IPeerStream stream, CancellationToken cancellationToken) => stream is FramedStream { Protocol: KademliaOptions.AminoProtocol, Bytes: var bytes }
            ? DhtAnswers.AnswerAsync(bytes.ReadAsync, (data, token) => bytes.WriteAsync(new ReadOnlySequence<byte>(data), token), server.Answer, cancellationToken, server.Take)
            : inner.HandleStreamAsync(stream, cancellationToken);
    }
}

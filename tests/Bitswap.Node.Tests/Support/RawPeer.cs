using System.Collections.Concurrent;
using System.Threading.Channels;
using Bitswap.Node.Networks;

namespace Bitswap.Node.Tests.Support;

/// <summary>A peer without an engine: sends what a test tells it to and keeps what it is sent.</summary>
internal sealed class RawPeer : IPeerNetworkHandler, IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private readonly IPeerNetwork _network;
    private readonly Channel<BitswapMessage> _received = Channel.CreateUnbounded<BitswapMessage>();
    private readonly ConcurrentDictionary<PeerId, TaskCompletionSource> _gone = new();

    private RawPeer(IPeerNetwork network) => _network = network;

    public PeerId PeerId => _network.PeerId;

    public IReadOnlyList<Multiaddr> Addresses => _network.Addresses;

    public static async Task<RawPeer> StartAsync(IPeerNetwork network, params BitswapVersion[] versions)
    {
        RawPeer peer = new(network);
        MessageOptions messages = new() { Protocols = [.. versions.DefaultIfEmpty(BitswapVersion.V120).Select(BitswapProtocolIds.ToId)] };
        await network.StartAsync(peer, messages, default);
        return peer;
    }

    public ValueTask<PeerId> ConnectAsync(NodeHost node) => _network.ConnectAsync(node.Addresses, default);

    public async ValueTask<IByteStream> OpenAsync(NodeHost node) =>
        ((FramedStream)await _network.OpenStreamAsync(node.PeerId, ["/ipfs/bitswap/1.2.0"], default)).Bytes;

    public async Task SendAsync(NodeHost node, BitswapMessage message)
    {
        await using IByteStream stream = await OpenAsync(node);
        byte[] frame = new byte[MessageCodec.GetFrameSize(message, BitswapVersion.V120)];
        MessageCodec.EncodeFrame(message, BitswapVersion.V120, frame);
        await stream.WriteAsync(frame, default);
    }

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendRawAsync(NodeHost node, RawFrame frame)
    {
        await using IByteStream stream = await OpenAsync(node);
        await stream.WriteAsync(frame.Bytes, default);
    }

    /// <summary>Sends the first part of a message, and breaks off the stream.</summary>
    public async Task BreakOffAsync(NodeHost node, BitswapMessage message, int after)
    {
        await using IByteStream stream = await OpenAsync(node);
        byte[] frame = new byte[MessageCodec.GetFrameSize(message, BitswapVersion.V120)];
        MessageCodec.EncodeFrame(message, BitswapVersion.V120, frame);
        await stream.WriteAsync(frame.AsMemory(0, after), default);
        stream.Reset();
    }

    /// <summary>Closes the connection.</summary>
    public ValueTask HangUpAsync(NodeHost node) => _network.DisconnectAsync(node.PeerId, "hung up", default);

    /// <summary>The next message received.</summary>
    public Task<BitswapMessage> ReceiveAsync() => _received.Reader.ReadAsync().AsTask().WaitAsync(_patience);

    /// <summary>Whether a message has been received and not yet taken.</summary>
    public bool TryReceive(out BitswapMessage? message) => _received.Reader.TryRead(out message);

    /// <summary>Ends when the node has left.</summary>
    public Task GoneAsync(NodeHost node) => Gone(node.PeerId).Task.WaitAsync(_patience);

    public void PeerConnected(PeerId peer)
    {
    }

    public void PeerChanged(PeerId peer)
    {
    }

    public void PeerDisconnected(PeerId peer, ConnectionEnd end) => Gone(peer).TrySetResult();

    public async Task HandleStreamAsync(IPeerStream stream, CancellationToken cancellationToken)
    {
        IByteStream bytes = ((FramedStream)stream).Bytes;
        using FrameReader frames = new(WireLimits.Default);
        try
        {
            int read;
            while ((read = await bytes.ReadAsync(frames.GetMemory(), cancellationToken)) > 0)
            {
                for (bool more = frames.TryAdvance(read, out ReadOnlyMemory<byte> frame); more; more = frames.TryReadNext(out frame))
                {
                    await _received.Writer.WriteAsync(MessageCodec.Decode(frame, WireLimits.Default), cancellationToken);
                }
            }
        }
        catch (IOException)
        {
            // the node reset the stream, which tests see by what did not arrive
        }
    }

    public ValueTask DisposeAsync() => _network.DisposeAsync();

    private TaskCompletionSource Gone(PeerId peer) => _gone.GetOrAdd(peer, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}

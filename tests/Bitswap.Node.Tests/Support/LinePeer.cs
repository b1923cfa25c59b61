using System.Threading.Channels;
using Bitswap.Node.Networks;

namespace Bitswap.Node.Tests.Support;

/// <summary>A peer that keeps the streams it is opened, for tests of a network by itself.</summary>
internal sealed class LinePeer : IPeerNetworkHandler
{
    private readonly Channel<IByteStream> _streams = Channel.CreateUnbounded<IByteStream>();
    private readonly Channel<PeerId> _lost = Channel.CreateUnbounded<PeerId>();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LinePeer(IPeerNetwork network) => Network = network;

    public IPeerNetwork Network { get; }

    public PeerId Id => Network.PeerId;

    public static async Task<LinePeer> StartAsync(IPeerNetwork network)
    {
        LinePeer peer = new(network);
        await network.StartAsync(peer, new MessageOptions { Protocols = ["/test"] }, default);
        return peer;
    }

    /// <summary>A stream to another peer, both its ends.</summary>
    public async Task<(IByteStream Ours, IByteStream Theirs)> OpenAsync(LinePeer other)
    {
        IPeerStream ours = await Network.OpenStreamAsync(other.Id, ["/test"], default);
        return (((FramedStream)ours).Bytes, await other._streams.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
    }

    /// <summary>The next peer whose line was lost.</summary>
    public Task<PeerId> LostAsync() => _lost.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public void PeerConnected(PeerId peer)
    {
    }

    public void PeerChanged(PeerId peer)
    {
    }

    public void PeerDisconnected(PeerId peer, ConnectionEnd end) => _lost.Writer.TryWrite(peer);

    public async Task HandleStreamAsync(IPeerStream stream, CancellationToken cancellationToken)
    {
        _streams.Writer.TryWrite(((FramedStream)stream).Bytes);
        await using CancellationTokenRegistration end = cancellationToken.Register(() => _over.TrySetResult());
        await _over.Task;
    }
}

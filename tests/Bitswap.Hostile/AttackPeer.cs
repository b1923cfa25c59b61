using Bitswap.Libp2p.Crypto;
using Bitswap.Node;
using Bitswap.Node.Networks;
using Bitswap.Node.Networks.Libp2p;

namespace Bitswap.Hostile;

/// <summary>A peer with an identity of its own that speaks libp2p as it should, and Bitswap as an attack wants it to.</summary>
internal sealed class AttackPeer : IPeerNetworkHandler, IAsyncDisposable
{
    private static readonly MessageOptions _messages = new() { Protocols = [BitswapProtocolIds.ToId(BitswapVersion.V120)] };
    private readonly Libp2pNetwork _network;
    private readonly bool _reads;
    private PeerId? _target;

    private AttackPeer(bool reads, PrivateKey? key)
    {
        _network = new NodeOptions().CreateLibp2pNetwork(key);
        _reads = reads;
    }

    /// <summary>Connects.</summary>
    /// <param name="target">Whom to.</param>
    /// <param name="reads">Whether it reads what it is sent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="key">Who it is; null makes it somebody new.</param>
    public static async Task<AttackPeer> ConnectAsync(Multiaddr target, bool reads, CancellationToken cancellationToken, PrivateKey? key = null)
    {
        AttackPeer peer = new(reads, key);
        try
        {
            await peer._network.StartAsync(peer, _messages, cancellationToken);
            peer._target = await peer._network.ConnectAsync([target], terms: null, cancellationToken);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a stream of Bitswap.</summary>
    public ValueTask<IByteStream> OpenAsync(CancellationToken cancellationToken) => OpenAsync(_messages.Protocols, cancellationToken);

    /// <summary>Opens a stream of one of some protocols.</summary>
    public async ValueTask<IByteStream> OpenAsync(IReadOnlyList<string> protocols, CancellationToken cancellationToken) =>
        ((FramedStream)await _network.OpenStreamAsync(_target!, protocols, cancellationToken)).Bytes;

    public static byte[] Encode(BitswapMessage message)
    {
        byte[] frame = new byte[MessageCodec.GetFrameSize(message, BitswapVersion.V120)];
        MessageCodec.EncodeFrame(message, BitswapVersion.V120, frame);
        return frame;
    }

    public void PeerConnected(PeerId peer)
    {
    }

    public void PeerChanged(PeerId peer)
    {
    }

    public void PeerDisconnected(PeerId peer, ConnectionEnd end)
    {
    }

    public async Task HandleStreamAsync(IPeerStream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        IByteStream bytes = ((FramedStream)stream).Bytes;
        try
        {
            if (!_reads)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            while (await bytes.ReadAsync(buffer, cancellationToken) > 0)
            {
            }
        }
        catch (Exception end) when (end is IOException or BitswapException or OperationCanceledException)
        {
            // the node ends its streams as it likes
        }
    }

    public ValueTask DisposeAsync() => _network.DisposeAsync();
}

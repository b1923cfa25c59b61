using System.Threading.Channels;
using Bitswap.Node.Engine;

namespace Bitswap.Node.Peers;

/// <summary>
/// The wants of one peer while the filter decides. Its wantlists reach the engine in their order, so a CANCEL never overtakes its want;
/// what the peer sends us does not come here and waits for nothing. When the queue is full, the peer's stream is read no further.
/// </summary>
internal sealed class FilterQueue(PeerId peer, AccessGate access, PeerInbox inbox)
{
    private const int Capacity = 16;

    private readonly Channel<BitswapMessage> _waiting = Channel.CreateBounded<BitswapMessage>(new BoundedChannelOptions(Capacity) { SingleReader = true });

    /// <summary>Queues the wantlist of a message.</summary>
    public ValueTask AddAsync(BitswapMessage message, CancellationToken cancellationToken) =>
        // Without its blocks, which would be held in memory as long as the filter takes.
        _waiting.Writer.WriteAsync(
            new BitswapMessage
            {
                Full = message.Full,
                IsContinued = message.IsContinued,
                IsContinuation = message.IsContinuation,
                Wantlist = message.Wantlist,
            },
            cancellationToken);

    /// <summary>Has them decided, one after the other, until the peer is gone.</summary>
    public async Task RunAsync(CancellationToken gone)
    {
        try
        {
            await foreach (BitswapMessage message in _waiting.Reader.ReadAllAsync(gone).ConfigureAwait(false))
            {
                IReadOnlySet<Cid> denied = await access.DenyAsync(peer, message.Wantlist, gone).ConfigureAwait(false);
                await inbox.PostAsync(1 + message.Wantlist.Count, (engine, now) => engine.ReceiveWants(peer, message, denied, now), gone).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The connection is gone, and its wants with it.
        }
    }
}

using System.Runtime.CompilerServices;

namespace Bitswap.Node.Probing;

/// <summary>Asks the connected peers, each by WANT_HAVE and for this alone. Those that say HAVE are providers.</summary>
/// <param name="node">The node whose peers they are.</param>
/// <param name="time">How long each has to answer; null for ten seconds.</param>
/// <param name="parallelism">How many are asked at once, 1 or more.</param>
internal sealed class ConnectedPeers(NodeHost node, TimeSpan? time, int parallelism) : IProviderSource
{
    /// <inheritdoc/>
    public ProviderSourceKind Kind => ProviderSourceKind.Peers;

    /// <inheritdoc/>
    public string Name => "connected peers";

    /// <inheritdoc/>
    public async IAsyncEnumerable<FoundProvider> FindAsync(Cid cid, ProviderTally tally, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<PeerSnapshot> peers = await node.GetPeersAsync(cancellationToken).ConfigureAwait(false);

        // Given up with the search, so that no peer is told of it any longer.
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<(PeerSnapshot Peer, HaveAnswer Said)>> asked = [];
        try
        {
            foreach (PeerSnapshot peer in peers.Where(peer => peer.Version is not null).DistinctBy(peer => peer.Peer))
            {
                if (asked.Count >= parallelism && await NextAsync().ConfigureAwait(false) is { } early)
                {
                    yield return early;
                }

                tally.Records++;
                asked.Add(AskAsync(cid, peer, stop.Token));
            }

            while (asked.Count > 0)
            {
                if (await NextAsync().ConfigureAwait(false) is { } found)
                {
                    yield return found;
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async ValueTask<FoundProvider?> NextAsync()
        {
            Task<(PeerSnapshot, HaveAnswer)> answered = await Task.WhenAny(asked).ConfigureAwait(false);
            asked.Remove(answered);
            (PeerSnapshot peer, HaveAnswer said) = await answered.ConfigureAwait(false);
            if (said.Answer != HaveQuestion.Have)
            {
                return null;
            }

            tally.Providers++;
            string transport = peer.IsGateway ? FoundProvider.GatewayTransport : FoundProvider.BitswapTransport;
            return new FoundProvider(peer.Peer, [peer.Connection.Address.WithPeerId(peer.Peer)], Kind, [transport], said.Latency) { IsGateway = peer.IsGateway };
        }
    }

    private async Task<(PeerSnapshot Peer, HaveAnswer Said)> AskAsync(Cid cid, PeerSnapshot peer, CancellationToken cancellationToken) =>
        (peer, await HaveQuestion.AskAsync(node, cid, peer.Peer, time, cancellationToken).ConfigureAwait(false));
}

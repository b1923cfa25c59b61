using Bitswap.Node;
using Bitswap.Protocol;
using Bitswap.Protocol.Wire;

namespace Bitswap.Blocks;

/// <summary>Asks one peer whether it has a block.</summary>
internal static class PeerQuestion
{
    /// <summary>Instead of an answer: the node has the block itself by now, so that the engine asks nobody.</summary>
    public const string NotAsked = "NotAsked";

    private const string Have = "Have";

    /// <summary>What the peer said. That it says no, or nothing in time, is an answer; a stopped node is an error.</summary>
    public static async Task<BitswapBlockStatus> AskAsync(BitswapNode node, Cid cid, PeerId peer, TimeSpan time, CancellationToken cancellationToken)
    {
        WantOptions options = new() { Type = WantType.Have, OnlyPeers = [peer], Timeout = time, FailFast = true };
        NodeWant want = await node.Host.WantAsync(cid, options, cancellationToken).ConfigureAwait(false);
        string answer;
        try
        {
            await want.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
            answer = peer.Equals(want.From) ? Have : NotAsked;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await want.CancelAsync().ConfigureAwait(false);
            throw;
        }
        catch (BlockUnavailableException none)
        {
            answer = none.Answers.FirstOrDefault(candidate => candidate.Peer.Equals(peer)) is { Kind: not PeerAnswerKind.Waiting } said
                ? said.Kind.ToString()
                : none.ErrorId;
        }

        return new BitswapBlockStatus { Cid = cid, Available = answer == Have, PeerId = peer, Answer = answer, Node = node };
    }
}

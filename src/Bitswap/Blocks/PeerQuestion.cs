using Bitswap.Node.Routing;

namespace Bitswap.Blocks;

/// <summary>Asks one peer whether it has a block.</summary>
internal static class PeerQuestion
{
    /// <summary>Instead of an answer: the CID holds the block itself, and peers are not asked for such.</summary>
    public const string NotAsked = HaveQuestion.NotAsked;

    /// <summary>What the peer said. That it says no, or nothing in time, is an answer; a stopped node is an error.</summary>
    public static async Task<BitswapBlockStatus> AskAsync(BitswapNode node, Cid cid, PeerId peer, TimeSpan time, CancellationToken cancellationToken)
    {
        HaveAnswer said = await HaveQuestion.AskAsync(node.Host, cid, peer, time, cancellationToken).ConfigureAwait(false);
        return new BitswapBlockStatus { Cid = cid, Available = said.Answer == HaveQuestion.Have, PeerId = peer, Answer = said.Answer, Node = node };
    }
}

using Bitswap.Node.Probing;

namespace Bitswap.Blocks;

/// <summary>Asks one peer whether it has a block.</summary>
internal static class PeerQuestion
{
    /// <summary>Instead of an answer: the block follows from the CID, and peers are not asked for such.</summary>
    public const string NotAsked = HaveQuestion.NotAsked;

    /// <summary>Tells that no peer was asked for a block that follows from its CID.</summary>
    public static string FollowsFromCid(Cid cid) => $"The block {cid} follows from the CID itself, so no peer was asked for it.";

    /// <summary>
    /// What the peer said. That it says no, or nothing in time, is an answer; a stopped node is an error. A block that follows from its CID is available without
    /// a question.
    /// </summary>
    public static async Task<BitswapBlockStatus> AskAsync(BitswapNode node, Cid cid, PeerId peer, TimeSpan time, CancellationToken cancellationToken)
    {
        HaveAnswer said = await HaveQuestion.AskAsync(node.Host, cid, peer, time, cancellationToken).ConfigureAwait(false);
        return new BitswapBlockStatus { Cid = cid.ToString(), Available = said.Answer is HaveQuestion.Have or NotAsked, Peer = peer, Answer = said.Answer, Node = node.Name };
    }
}

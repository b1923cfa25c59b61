namespace Bitswap.Protocol.Wire;

/// <summary>Keeps a message's presences from contradicting it.</summary>
internal static class PresenceFilter
{
    /// <summary>
    /// The presences without those whose CID's block is in the message, which says more, and of several for one CID only the last one's
    /// word. The list itself when nothing is to be left out.
    /// </summary>
    public static IReadOnlyList<BlockPresence> WithoutRepeatsAndBlocks(IReadOnlyList<BlockPresence> presences, IReadOnlyList<Block> blocks)
    {
        if (presences.Count == 0 || (presences.Count == 1 && blocks.Count == 0))
        {
            return presences;
        }

        HashSet<Cid> sent = new(blocks.Count);
        foreach (Block block in blocks)
        {
            sent.Add(block.Cid);
        }

        Dictionary<Cid, PresenceType> kept = new(presences.Count);
        foreach (BlockPresence presence in presences)
        {
            if (!sent.Contains(presence.Cid))
            {
                kept[presence.Cid] = presence.Type;
            }
        }

        return kept.Count == presences.Count ? presences : [.. kept.Select(pair => new BlockPresence(pair.Key, pair.Value))];
    }
}

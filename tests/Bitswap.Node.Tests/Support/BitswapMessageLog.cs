namespace Bitswap.Node.Tests.Support;

/// <summary>Every CID that a peer was ever told of, until a marker.</summary>
internal sealed class BitswapMessageLog
{
    public HashSet<Cid> Cids { get; } = [];

    public static async Task<BitswapMessageLog> UntilAsync(RawPeer peer, Cid marker)
    {
        BitswapMessageLog log = new();
        while (!log.Cids.Contains(marker))
        {
            BitswapMessage message = await peer.ReceiveAsync();
            log.Cids.UnionWith(message.Wantlist.Select(entry => entry.Cid));
            log.Cids.UnionWith(message.Presences.Select(presence => presence.Cid));
            log.Cids.UnionWith(message.Blocks.Select(block => block.Cid));
        }

        return log;
    }
}

using System.Net;

namespace Bitswap.Libp2p.Protocols.Kademlia;

/// <content>Which of those that the paths know are the closest.</content>
internal sealed partial class KademliaLookup
{
    /// <summary>Returns the closest peers that answered, as many of each path where there are enough; the closest first.</summary>
    public IReadOnlyList<KademliaPeer> Closest(int count) =>
        [.. Select(count, isFilled: true, answered: true).Select(found => found.Peer.Describe(_options.MaxAddressesPerPeer))];

    /// <summary>Returns whom the lookup ends with, as far as the paths have come: those that have found their closest have their shares.</summary>
    private List<(LookupPeer Peer, LookupPath Path)> Last() => Array.TrueForAll(_paths, IsOver)
        ? Select(_options.BucketSize, isFilled: true, answered: false)
        : Select(_options.BucketSize, isFilled: false, answered: false);

    /// <summary>
    /// Selects the closest. Each path that has found its closest has an equal share of the places, and a peer that several know takes one of the path that has taken fewest; each
    /// network has its share of them all. Places that are left over go to the closest that any path knows, those of full networks last.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="isFilled">Whether places that are left over are given away; or else those of the paths that are under way are kept free.</param>
    /// <param name="answered">Whether those that answered are meant, or all that did not fail.</param>
    private List<(LookupPeer Peer, LookupPath Path)> Select(int count, bool isFilled, bool answered)
    {
        LookupPath[] found = [.. _paths.Where(path => path.HasConverged || (!isFilled && Look(path).State == PathState.Settled))];
        int share = Part(count, isFilled ? Math.Max(1, found.Length) : _paths.Length);
        int[] taken = new int[_paths.Length];
        NetworkShares networks = new(_options.MaxPeersPerNetwork);
        List<(LookupPeer Peer, LookupPath Path)> selected = [];
        List<(LookupPeer Peer, LookupPath Path)> overShare = [];
        List<(LookupPeer Peer, LookupPath Path)> overNetwork = [];
        foreach (LookupPeer peer in _order)
        {
            if (selected.Count == count)
            {
                break;
            }
            if (answered && peer.State != LookupState.Answered)
            {
                continue;
            }
            if (LeastTaken(found) is { } path)
            {
                bool isFull = networks.IsFull(peer.NetworksOf(path));
                (isFull ? overNetwork : taken[path.Index] >= share ? overShare : selected).Add((peer, path));
                if (selected.Count > 0 && selected[^1].Peer == peer)
                {
                    taken[path.Index]++;
                    networks.Count(peer.NetworksOf(path), 1);
                }
            }
            else if (isFilled && LeastTaken(_paths) is { } other)
            {
                overShare.Add((peer, other));
            }

            LookupPath? LeastTaken(LookupPath[] paths) => paths.Where(path => Knows(path, peer)).MinBy(path => taken[path.Index]);
        }
        if (isFilled && selected.Count < count)
        {
            Fill(selected, count, networks, overShare, overNetwork);
        }
        return selected;
    }

    private static void Fill(
        List<(LookupPeer Peer, LookupPath Path)> selected,
        int count,
        NetworkShares networks,
        List<(LookupPeer Peer, LookupPath Path)> overShare,
        List<(LookupPeer Peer, LookupPath Path)> overNetwork)
    {
        foreach ((LookupPeer peer, LookupPath path) in overShare.TakeWhile(_ => selected.Count < count))
        {
            IPNetwork[] of = peer.NetworksOf(path);
            bool isFull = networks.IsFull(of);
            (isFull ? overNetwork : selected).Add((peer, path));
            networks.Count(isFull ? [] : of, 1);
        }
        selected.AddRange(overNetwork.OrderBy(left => left.Peer.Distance).Take(count - selected.Count));
        selected.Sort((one, other) => one.Peer.Distance.CompareTo(other.Peer.Distance));
    }

    private static bool Knows(LookupPath path, LookupPeer peer) =>
        peer.ToldTo(path) is not null && (peer.State != LookupState.Heard || peer.IsCandidateOf(path));
}

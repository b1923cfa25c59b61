using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Reachability;
using Bitswap.Node.Names;
using Bitswap.Node.Routing;

namespace Bitswap.Node;

/// <content>Finding providers.</content>
public sealed partial class NodeHost
{
    /// <summary>Gets the sources of providers.</summary>
    internal NodeRouting Routing { get; }

    /// <summary>Gets what finds out what names stand for.</summary>
    internal NameResolver Names { get; }

    /// <summary>Connects to a peer for as long as the lease is held, and waits until it is known whether it speaks Bitswap.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="addresses">Where it can be dialled, where it is not connected.</param>
    /// <param name="terms">On what terms; null where the caller answers for the addresses.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BitswapException"><c>PeerUnreachable</c> and the other errors of a dial; <c>NodeStopped</c>.</exception>
    internal async ValueTask<ConnectionLease> LeaseAsync(
        PeerId peer, IReadOnlyList<Multiaddr> addresses, DialTerms? terms, CancellationToken cancellationToken)
    {
        EnsureRunning();
        ConnectionLease lease = await _connector.LeaseAsync(peer, addresses, terms, cancellationToken).ConfigureAwait(false);
        try
        {
            if (_keeper.Keeps(peer))
            {
                await _network.KeepAsync(peer).ConfigureAwait(false);
            }

            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Connects to the providers that a link names; waits until the first is connected or none is left.</summary>
    internal ValueTask<HintReport> ConnectHintsAsync(IReadOnlyList<Multiaddr> hints, CancellationToken cancellationToken)
    {
        EnsureRunning();
        return _hints.ConnectAsync(hints, Reach, cancellationToken);
    }

    /// <summary>Gets the addresses to dial the node at: those that it listens on, and those that peers report and that are confirmed. The farthest first, of these the confirmed.</summary>
    internal IReadOnlyList<Multiaddr> DialAddresses => [.. OwnAddress.ToDial(_network.OwnAddresses).Select(static own => own.Address)];

    /// <summary>Gets all that is known of the node's addresses.</summary>
    public IReadOnlyList<NodeAddress> KnownAddresses => [.. _network.OwnAddresses
        .OrderByDescending(static own => AddressScopes.Of(own.Address))
        .ThenByDescending(static own => own.State == AddressState.Confirmed)
        .Select(static own => new NodeAddress(
            own.Address, ReachName(own.Address), own.State.ToString(), own.Origin.ToString(), own.Observers, own.Reached, own.Failed, own.Checked))];

    /// <summary>
    /// Gets the addresses to tell others of, the farthest first, and of these the confirmed. One that others tried and did not reach is left out while there is one that they did.
    /// Those of its own machine are among them only where it has no others; those of one link of the network, which mean nothing elsewhere, never are.
    /// </summary>
    internal IReadOnlyList<Multiaddr> SharedAddresses
    {
        get
        {
            bool isMachineOnly = IsMachineOnly;
            return [.. OwnAddress.ToAnnounce(_network.OwnAddresses)
                .Select(static own => own.Address)
                .Where(address => !IsLinkLocal(address) && (isMachineOnly || AddressScopes.Of(address) > AddressScope.Machine))];
        }
    }

    /// <summary>Gets whether only this machine can reach the node.</summary>
    internal bool IsMachineOnly => Reach == AddressScope.Machine
        && _network.OwnAddresses.All(own => own.Origin != AddressOrigin.Relayed || AddressScopes.Of(own.Address) == AddressScope.Machine);

    // How far its own addresses reach; no farther than its machine where it listens nowhere.
    private AddressScope Reach => Addresses.Select(AddressScopes.Of).Append(AddressScope.Machine).Max();

    private static string ReachName(Multiaddr address) => AddressScopes.Of(address) switch
    {
        AddressScope.World => "Internet",
        AddressScope.Network => "Network",
        _ => "Machine",
    };

    // RFC 4291 section 2.5.6, RFC 3927
    private static bool IsLinkLocal(Multiaddr address) =>
        address.Components[0] is { Protocol: "ip6zone" } or { Protocol: "ip6", Value: ['f' or 'F', 'e' or 'E', '8' or '9' or 'a' or 'A' or 'b' or 'B', ..] }
            or { Protocol: "ip4", Value: ['1', '6', '9', '.', '2', '5', '4', '.', ..] };

    /// <summary>Returns the report of the node's last search for providers of a block; null when there was none, or it is forgotten.</summary>
    internal SearchReport? SearchReportOf(Cid cid) => _search.ReportOf(cid);

    /// <summary>Tells what a want waits for, in words that follow a colon: how far the search for providers is, or how many peers could send the block.</summary>
    internal string WaitOf(NodeWant want)
    {
        IReadOnlyList<PeerId>? only = want.Options.OnlyPeers;
        if (only is null && SearchReportOf(want.Cid)?.Progress() is { } search)
        {
            return search;
        }

        int peers = ConnectedPeers.Count(peer => only?.Contains(peer) != false);
        string whose = only is null ? "" : " of those to ask";
        return peers switch
        {
            0 => $"no peer{whose} is connected",
            1 => $"waiting for 1 connected peer{whose}",
            _ => $"waiting for {peers} connected peers{whose}",
        };
    }

    /// <summary>Returns whether a peer is connected.</summary>
    internal bool IsConnected(PeerId peer) => Connections.Any(connection => connection.Peer.Equals(peer));

    /// <summary>Returns whether it is known that a peer speaks Bitswap.</summary>
    internal bool SpeaksBitswap(PeerId peer) => _connector.SpeaksBitswap(peer);
}

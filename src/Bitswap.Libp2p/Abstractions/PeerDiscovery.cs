using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Abstractions;

/// <summary>Finds peers on the local network. Thread-safe.</summary>
public interface IPeerDiscovery : IAsyncDisposable
{
    /// <summary>
    /// Occurs whenever a peer tells of itself, also one that did before. Raised one at a time; a handler must return soon.
    /// </summary>
    event Action<DiscoveredPeer>? Heard;

    /// <summary>Gets the peers that told of themselves and whose word still holds.</summary>
    IReadOnlyList<DiscoveredPeer> Peers { get; }

    /// <summary>Gets the names of the interfaces that it works on.</summary>
    IReadOnlyList<string> Interfaces { get; }

    /// <summary>Gets whether it was told to work on loopback interfaces and on no others.</summary>
    bool IsMachineOnly { get; }

    /// <summary>Gets what keeps it from others, a line for each.</summary>
    IReadOnlyList<string> Problems { get; }

    /// <summary>Begins to ask, and to answer where it is to.</summary>
    void Start();

    /// <summary>Asks now who is there. Asked more often than once a second, it asks once.</summary>
    void Ask();
}

/// <summary>Represents a peer that told of itself on the local network. What it told is not proven: its id is when it is connected.</summary>
/// <param name="Peer">Who it says it is.</param>
/// <param name="Addresses">Where it says it is, without those that its own address does not entitle it to give.</param>
/// <param name="Interfaces">The interfaces of this machine on which it was heard.</param>
/// <param name="FirstSeen">When it was heard first.</param>
/// <param name="LastSeen">When it was heard last.</param>
/// <param name="Source">From how far its word came: this machine or the local network.</param>
public sealed record DiscoveredPeer(
    PeerId Peer, IReadOnlyList<Multiaddr> Addresses, IReadOnlyList<string> Interfaces, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, AddressScope Source);

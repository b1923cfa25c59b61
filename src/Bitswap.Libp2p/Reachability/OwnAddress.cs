using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Reachability;

/// <summary>Represents an address of this host, and what is known of whether others reach it there.</summary>
/// <param name="Address">The address, with this host's peer id.</param>
/// <param name="Origin">How it is known.</param>
public sealed record OwnAddress(Multiaddr Address, AddressOrigin Origin)
{
    /// <summary>Gets whether others reach this host there.</summary>
    public AddressState State { get; init; }

    /// <summary>Gets how many networks report it: of a derived address its IP address alone, else that they connected to it.</summary>
    public int Observers { get; init; }

    /// <summary>Gets how many networks have a server that dialled it and reached this host.</summary>
    public int Reached { get; init; }

    /// <summary>Gets how many networks have a server that dialled it and failed.</summary>
    public int Failed { get; init; }

    /// <summary>Gets when a server last dialled it; null where none did lately.</summary>
    public DateTimeOffset? Checked { get; init; }

    /// <summary>
    /// Returns the addresses to tell others of, best first: those that this host listens on, those that peers report and that are confirmed, and those of relays at which it holds a reservation. One that was tried and not
    /// reached is left out while there is a confirmed one that reaches as far.
    /// </summary>
    public static IReadOnlyList<OwnAddress> ToAnnounce(IEnumerable<OwnAddress> addresses)
    {
        IReadOnlyList<OwnAddress> all = ToDial(addresses);
        AddressScope confirmed = all.Where(own => own.State == AddressState.Confirmed).Select(own => AddressScopes.Of(own.Address)).Append(AddressScope.Nowhere).Max();
        return [.. all.Where(own => own.State != AddressState.Refuted || AddressScopes.Of(own.Address) > confirmed)];
    }

    /// <summary>Returns the addresses that may be dialled, best first: as <see cref="ToAnnounce"/>, with those that were not reached at the end of their reach.</summary>
    public static IReadOnlyList<OwnAddress> ToDial(IEnumerable<OwnAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        return
        [
            .. addresses
                .Where(own => own.Origin is AddressOrigin.Listening or AddressOrigin.Relayed || own.State == AddressState.Confirmed)
                .OrderByDescending(own => AddressScopes.Of(own.Address))
                .ThenBy(own => (own.State, own.Origin) switch
                {
                    (AddressState.Confirmed, _) => 0,
                    (AddressState.Unknown, not AddressOrigin.Relayed) => 1,
                    (_, AddressOrigin.Relayed) => 2,
                    _ => 3,
                }),
        ];
    }
}

/// <summary>Specifies how an address of this host is known.</summary>
public enum AddressOrigin
{
    /// <summary>This host listens there.</summary>
    Listening,

    /// <summary>Peers report that they connected to it.</summary>
    Observed,

    /// <summary>Its IP address is the one that peers report that connections come from, and its port the one that this host listens on: a guess, until it is checked.</summary>
    Derived,

    /// <summary>It leads over a relay at which this host holds a reservation.</summary>
    Relayed,
}

/// <summary>Specifies whether others reach this host at an address.</summary>
public enum AddressState
{
    /// <summary>It was not tried, or not often enough.</summary>
    Unknown,

    /// <summary>Others reached it there.</summary>
    Confirmed,

    /// <summary>Others tried and did not reach it there.</summary>
    Refuted,
}

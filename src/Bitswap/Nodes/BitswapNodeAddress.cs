using Bitswap.Node.Abstractions;

namespace Bitswap;

/// <summary>An address of a node, and what is known of whether others reach the node there.</summary>
public sealed class BitswapNodeAddress
{
    internal BitswapNodeAddress(NodeAddress address, BitswapNode node)
    {
        Address = address.Address.ToString();
        State = address.State;
        Reach = address.Reach;
        Source = address.Source;
        Observers = address.Observers;
        Reached = address.Reached;
        Failed = address.Failed;
        Checked = address.Checked;
        Node = node.Name;
    }

    /// <summary>The address, ending with the peer id of the node.</summary>
    public string Address { get; }

    /// <summary>Confirmed: others reached the node there. Refuted: others tried, and did not. Unknown: not tried, or not often enough.</summary>
    public string State { get; }

    /// <summary>From where it can be dialled at best: Machine, Network or Internet.</summary>
    public string Reach { get; }

    /// <summary>Listening: the node listens there. Observed: peers say that they connected to it. Derived: the IP address that peers see, with the port of the node. Relayed: over a relay at which the node holds a reservation.</summary>
    public string Source { get; }

    /// <summary>How many networks have a peer that reports the address; of a derived one its IP address.</summary>
    public int Observers { get; }

    /// <summary>How many networks have a peer that was asked to dial it and reached the node.</summary>
    public int Reached { get; }

    /// <summary>How many networks have a peer that was asked to dial it and failed.</summary>
    public int Failed { get; }

    /// <summary>When a peer last dialled it for that; null where none did in the last hours.</summary>
    public DateTimeOffset? Checked { get; }

    /// <summary>The node that has it.</summary>
    public string Node { get; }

    /// <inheritdoc/>
    public override string ToString() => Address;
}

using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Bitswap.Libp2p.Addresses;

/// <summary>Tells which network interfaces this machine has, and when that changes.</summary>
internal interface IMachineInterfaces
{
    /// <summary>Occurs when an interface has another address, came or went; on any thread, and more than once for one change.</summary>
    /// <remarks>Adding a handler throws <see cref="NetworkInformationException"/> where the system does not tell.</remarks>
    event Action? Changed;

    /// <summary>Returns the interfaces that are up, with their addresses.</summary>
    IReadOnlyList<MachineInterface> Read();
}

/// <summary>Represents a network interface of this machine.</summary>
/// <param name="Name">What the system calls it.</param>
/// <param name="Index">The number by which the system knows it.</param>
/// <param name="IsLoopback">Whether it leads back to this machine alone.</param>
/// <param name="Addresses">Its addresses.</param>
internal sealed record MachineInterface(string Name, int Index, bool IsLoopback, IReadOnlyList<InterfaceAddress> Addresses)
{
    /// <summary>Gets whether packets to a group are sent and received on it.</summary>
    public bool IsMulticast { get; init; } = true;
}

/// <summary>Represents an address of an interface.</summary>
/// <param name="Address">The address, without a zone.</param>
/// <param name="PrefixLength">How many of its bits those share who are on the same link.</param>
internal sealed record InterfaceAddress(IPAddress Address, int PrefixLength)
{
    private readonly IPNetwork _network = NetworkOf(Address, PrefixLength);

    /// <summary>Returns whether another address is on the same link, as far as this one tells.</summary>
    public bool IsOnLink(IPAddress other) => other.AddressFamily == Address.AddressFamily && _network.Contains(other);

    private static IPNetwork NetworkOf(IPAddress address, int length)
    {
        byte[] bytes = address.GetAddressBytes();
        for (int bit = length; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }
        return new IPNetwork(new IPAddress(bytes), length);
    }
}

/// <summary>The interfaces that the system tells of.</summary>
internal sealed class SystemInterfaces : IMachineInterfaces
{
    private readonly Lock _gate = new();
    private Action? _changed;

    private SystemInterfaces()
    {
    }

    /// <summary>Gets them.</summary>
    public static SystemInterfaces Instance { get; } = new();

    /// <inheritdoc/>
    public event Action? Changed
    {
        add
        {
            lock (_gate)
            {
                if (_changed is null)
                {
                    NetworkChange.NetworkAddressChanged += Raise;
                }
                _changed += value;
            }
        }

        remove
        {
            lock (_gate)
            {
                bool heard = _changed is not null;
                _changed -= value;
                if (heard && _changed is null)
                {
                    NetworkChange.NetworkAddressChanged -= Raise;
                }
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<MachineInterface> Read()
    {
        List<MachineInterface> found = [];
        foreach (NetworkInterface network in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (network.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown))
            {
                continue;
            }
            IPInterfaceProperties properties = network.GetIPProperties();
            bool isLoopback = network.NetworkInterfaceType == NetworkInterfaceType.Loopback;
            found.Add(new MachineInterface(
                network.Name,
                IndexOf(network, properties),
                isLoopback,
                [.. properties.UnicastAddresses.Select(unicast => new InterfaceAddress(WithoutZone(unicast.Address), unicast.PrefixLength))])
            {
                // Linux does not call its loopback interface one for groups, and takes them there all the same
                IsMulticast = isLoopback || network.SupportsMulticast,
            });
        }
        return found;
    }

    private static int IndexOf(NetworkInterface network, IPInterfaceProperties properties) =>
        network.Supports(NetworkInterfaceComponent.IPv4) ? properties.GetIPv4Properties().Index
        : network.Supports(NetworkInterfaceComponent.IPv6) ? properties.GetIPv6Properties().Index
        : 0;

    private static IPAddress WithoutZone(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;

    private void Raise(object? sender, EventArgs e) => _changed?.Invoke();
}

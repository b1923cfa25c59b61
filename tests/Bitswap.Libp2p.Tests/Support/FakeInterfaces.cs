using System.Net;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Tests.Support;

/// <summary>A machine whose interfaces come and go as a test says.</summary>
internal sealed class FakeInterfaces(params MachineInterface[] first) : IMachineInterfaces
{
    private volatile IReadOnlyList<MachineInterface> _now = first;

    public event Action? Changed;

    /// <summary>Handlers that were not taken away.</summary>
    public int Followers => Changed?.GetInvocationList().Length ?? 0;

    public static MachineInterface Loopback { get; } = Of("lo", 1, isLoopback: true, "127.0.0.1/8");

    public static MachineInterface Of(string name, int index, params string[] addresses) => Of(name, index, isLoopback: false, addresses);

    public IReadOnlyList<MachineInterface> Read() => _now;

    public void Become(params MachineInterface[] interfaces)
    {
        _now = interfaces;
        Changed?.Invoke();
    }

    private static MachineInterface Of(string name, int index, bool isLoopback, params string[] addresses) => new(name, index, isLoopback,
        [.. addresses.Select(text => text.Split('/')).Select(parts => new InterfaceAddress(IPAddress.Parse(parts[0]), int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)))]);
}

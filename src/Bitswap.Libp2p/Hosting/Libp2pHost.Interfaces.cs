using System.Net.NetworkInformation;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Transports.Tcp;

namespace Bitswap.Libp2p.Hosting;

/// <content>The addresses of this machine come and go: it sleeps, and wakes in another network.</content>
public sealed partial class Libp2pHost
{
    // an interface that comes up gets its addresses one by one
    private static readonly TimeSpan _interfaceSettleTime = TimeSpan.FromSeconds(1);

    /// <summary>Occurs when the host listens at other addresses than before, since those of this machine have changed; after connected peers begin to be told.</summary>
    internal event Action? AddressesChanged;

    private void FollowInterfaces()
    {
        if (!_listeners.Any(listener => listener.FollowsInterfaces))
        {
            return;
        }
        try
        {
            _options.Interfaces.Changed += _interfaceChanges.Raise;
        }
        catch (NetworkInformationException error)
        {
            Log.ChangesUnknown(_logger, error);
            return;
        }
        _tracker.Run("following the addresses of this machine", FollowInterfacesAsync);
    }

    private async Task FollowInterfacesAsync()
    {
        // a change before the handler was added may have gone unheard
        TakeInterfaces();
        while (true)
        {
            await _interfaceChanges.WaitAsync(_stopping.Token).ConfigureAwait(false);
            await Task.Delay(_interfaceSettleTime, _options.Clock, _stopping.Token).ConfigureAwait(false);
            TakeInterfaces();
        }
    }

    private void TakeInterfaces()
    {
        IReadOnlyList<MachineInterface> interfaces;
        try
        {
            interfaces = _options.Interfaces.Read();
        }
        catch (NetworkInformationException error)
        {
            Log.InterfacesUnreadable(_logger, error);
            return;
        }
        IReadOnlyList<Multiaddr> before = ListenedOn;
        foreach (ListenSocket listener in _listeners)
        {
            listener.Follow(interfaces);
        }
        IReadOnlyList<Multiaddr> now = ListenedOn;
        if (now.ToHashSet().SetEquals(before))
        {
            return;
        }
        Log.AddressesChanged(_logger, string.Join(", ", now));
        _protocols.Touch();
        _identify.PushToAll();
        if (AutoNat is null)
        {
            StartChecking();
        }
        AddressesChanged?.Invoke();
    }
}

using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.AutoNat;
using Bitswap.Libp2p.Transports.Tcp;

namespace Bitswap.Libp2p.Hosting;

public sealed partial class Libp2pHost
{
    // what an exhausted process may need to get a descriptor back
    private static readonly TimeSpan _acceptRetryDelay = TimeSpan.FromMilliseconds(100);

    private void Listen()
    {
        List<ListenSocket> bound = [];
        IReadOnlyList<MachineInterface> interfaces = _options.ListenAddresses.Count > 0 ? _options.Interfaces.Read() : [];
        try
        {
            foreach (Multiaddr address in _options.ListenAddresses)
            {
                bound.Add(ListenSocket.Bind(address, interfaces));
            }
        }
        finally
        {
            // what was bound before a failure is closed by the stop that follows it
            _listeners = bound;
        }
        StartChecking();
        FollowInterfaces();
        _reservations?.Start(_stopping.Token);
        _relay?.Start(_stopping.Token);
        foreach (ListenSocket listener in bound)
        {
            Log.Listening(_logger, listener.LocalEndPoint.ToString());
            _tracker.Run("accepting connections", () => AcceptAsync(listener));
        }
        _tracker.Run("pruning connections", () => _pruner.RunAsync(_stopping.Token));
    }

    // a host that others cannot reach at all does not ask whether they do, nor say that it understands the answer
    private void StartChecking()
    {
        if (!_options.CheckReachability || !ListenedOn.Any(address => AddressScopes.Of(address) >= _options.Reachability.NearestObserved))
        {
            return;
        }
        AutoNat = new AutoNatClient(_options, _streams, _protocols, _leases);
        ReachabilityChecker checker = new(_options, _table, _own, AutoNat, _logger);
        _own.Heard = checker.Wake;
        _tracker.Run("checking addresses", () => checker.RunAsync(_stopping.Token));
    }

    private void TellFound()
    {
        Log.AddressesFound(_logger, string.Join(", ", AnnouncedAddresses.Except(ListenedOn.Select(address => address.WithPeerId(PeerId)))));
        _protocols.Touch();
        _identify.PushToAll();
    }

    private async Task AcceptAsync(ListenSocket listener)
    {
        while (true)
        {
            try
            {
                Socket socket = await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                if (RemoteOf(socket) is not { } remote)
                {
                    socket.Dispose();
                    continue;
                }
                string? reason = _table.RefusalFor(ConnectionDirection.Inbound, remote.Address);
                if (reason is not null || _pending.TryAdd(remote.Address, () => HasUnread(socket), out reason) is not { } pending)
                {
                    Log.SocketRefused(_logger, remote.ToString(), reason!);
                    socket.Dispose();
                    continue;
                }
                _tracker.Run("securing an inbound connection", () => ReceiveAsync(socket, remote, listener.IsWebSocket, pending));
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                _stopping.Token.ThrowIfCancellationRequested();
                Log.AcceptFailed(_logger, listener.LocalEndPoint.ToString(), error);
                await Task.Delay(_acceptRetryDelay, _options.Clock, _stopping.Token).ConfigureAwait(false);
            }
        }
    }

    private static IPEndPoint? RemoteOf(Socket socket)
    {
        try
        {
            return (IPEndPoint?)socket.RemoteEndPoint;
        }
        catch (SocketException)
        {
            // gone before it was looked at
            return null;
        }
    }

    private static bool HasUnread(Socket socket)
    {
        try
        {
            return socket.Available > 0;
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task ReceiveAsync(Socket socket, IPEndPoint remote, bool isWebSocket, PendingHandshake pending)
    {
        UpgradedConnection upgraded;
        try
        {
            upgraded = await _upgrader.UpgradeAsync(socket, ConnectionDirection.Inbound, null, _stopping.Token, isWebSocket: isWebSocket, pending: pending).ConfigureAwait(false);
        }
        catch (Libp2pException error)
        {
            Log.HandshakeFailed(_logger, remote.ToString(), error);
            return;
        }
        finally
        {
            pending.Dispose();
        }
        try
        {
            await AdmitAsync(upgraded).ConfigureAwait(false);
        }
        catch (Libp2pException)
        {
            // refused and logged there; the dialer sees its connection close
        }
    }

    private async Task<Libp2pConnection> AdmitAsync(UpgradedConnection upgraded)
    {
        Libp2pConnection connection = await _connections.AdoptAsync(upgraded, announce: true).ConfigureAwait(false);
        // who dials us stays, with leases on its connections or without
        _leases.Keep(upgraded.RemotePeer);
        return connection;
    }
}

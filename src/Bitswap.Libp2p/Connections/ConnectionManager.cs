using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Connections;

/// <summary>
/// Represents the life of each connection: admitted, announced, served, kept alive, closed when idle, and announced again when it is gone.
/// A connection's place under the limits is free only after its end was announced, so a slow subscriber cannot make events pile up.
/// </summary>
internal sealed class ConnectionManager
{
    private readonly Libp2pOptions _options;
    private readonly PeerId _self;
    private readonly ConnectionTable _table;
    private readonly StreamDispatcher _streams;
    private readonly PeerProtection _protection;
    private readonly ConnectionLeases _leases;
    private readonly BackgroundTasks _tracker;
    private readonly Func<long> _identityVersion;
    private readonly Func<Libp2pConnection, Task> _identify;
    private readonly Action _added;
    private readonly Action<Libp2pConnection> _ended;
    private readonly ILogger _logger;

    public ConnectionManager(
        Libp2pOptions options,
        PeerId self,
        ConnectionTable table,
        StreamDispatcher streams,
        PeerProtection protection,
        ConnectionLeases leases,
        BackgroundTasks tracker,
        Func<long> identityVersion,
        Func<Libp2pConnection, Task> identify,
        Action added,
        Action<Libp2pConnection> ended,
        ILogger logger)
    {
        _options = options;
        _self = self;
        _table = table;
        _streams = streams;
        _protection = protection;
        _leases = leases;
        _tracker = tracker;
        _identityVersion = identityVersion;
        _identify = identify;
        _added = added;
        _ended = ended;
        _logger = logger;
    }

    /// <summary>Admits a connection and serves it. Completes once it was announced, if it is to be.</summary>
    /// <param name="upgraded">The connection.</param>
    /// <param name="announce">Whether the layers above are to hear of its peer.</param>
    /// <exception cref="Libp2pException">DialToSelf, LimitExceeded or NodeStopped; the connection is closed.</exception>
    public async Task<Libp2pConnection> AdoptAsync(UpgradedConnection upgraded, bool announce)
    {
        var connection = new Libp2pConnection(upgraded, _options, _identityVersion());
        Task announced;
        try
        {
            if (upgraded.RemotePeer.Equals(_self))
            {
                throw HostErrors.ToSelf(_self);
            }
            announced = _table.Add(connection, announce);
        }
        catch (Libp2pException error)
        {
            Log.ConnectionRefused(_logger, upgraded.RemotePeer.ToString(), error.Message);
            await upgraded.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        Log.Connected(_logger, connection.RemotePeer.ToString(), connection.RemoteAddress.ToString(), connection.Direction);
        _tracker.Run("a connection", () => ServeAsync(connection, announced));
        _added();
        await announced.ConfigureAwait(false);
        return connection;
    }

    private async Task ServeAsync(Libp2pConnection connection, Task announced)
    {
        Task running = connection.Session.RunAsync();
        try
        {
            await announced.ConfigureAwait(false);
            _tracker.Run("identify", () => _identify(connection));
            _tracker.Run("keeping a connection alive", () => KeepAliveAsync(connection));
            _tracker.Run("closing an idle connection", () => CloseWhenIdleAsync(connection));
            await _streams.AcceptAsync(connection).ConfigureAwait(false);
            // the other side opens no more streams; those that are open go on until it closes
            connection.StopOpening();
            await connection.Session.Completion.WaitAsync(connection.Closing).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // closed from this side
        }
        finally
        {
            await EndAsync(connection, running).ConfigureAwait(false);
        }
    }

    private async Task EndAsync(Libp2pConnection connection, Task running)
    {
        connection.NoteEnd();
        Task told = _table.Remove(connection);
        await connection.CloseAsync(null).ConfigureAwait(false);
        await running.ConfigureAwait(false);
        _ended(connection);
        await told.ConfigureAwait(false);
        _table.Release(connection);
        Log.Disconnected(_logger, connection.RemotePeer.ToString(), connection.RemoteAddress.ToString(), connection.CloseReason);
        connection.SetEnded();
    }

    private async Task KeepAliveAsync(Libp2pConnection connection)
    {
        // the first measurement comes at once: the layer above sets its waits by it
        TimeSpan wait = TimeSpan.Zero;
        while (_options.KeepAliveInterval != Timeout.InfiniteTimeSpan)
        {
            await Task.Delay(wait, _options.Clock, connection.Closing).ConfigureAwait(false);
            wait = _options.KeepAliveInterval;
            try
            {
                connection.Measured(await connection.Session.PingAsync(connection.Closing).ConfigureAwait(false));
            }
            catch (Libp2pException error) when (error.ErrorId == Libp2pErrorIds.PingTimeout)
            {
                Log.KeepAliveFailed(_logger, connection.RemotePeer.ToString(), _options.PingTimeout);
                await connection.AbortAsync(error.Message).ConfigureAwait(false);
                return;
            }
            catch (Libp2pException error) when (error.ErrorId == Libp2pErrorIds.ConnectionClosed)
            {
                return;
            }
        }
    }

    private async Task CloseWhenIdleAsync(Libp2pConnection connection)
    {
        while (_options.IdleTimeout != Timeout.InfiniteTimeSpan)
        {
            TimeSpan left = _options.IdleTimeout - connection.IdleTime;
            if (left <= TimeSpan.Zero)
            {
                if (!_protection.IsProtected(connection.RemotePeer) && !_leases.IsLeased(connection.RemotePeer))
                {
                    Log.IdleClosed(_logger, connection.RemotePeer.ToString(), _options.IdleTimeout);
                    await connection.CloseAsync($"idle for {_options.IdleTimeout}").ConfigureAwait(false);
                    return;
                }
                left = _options.IdleTimeout;
            }
            await Task.Delay(left, _options.Clock, connection.Closing).ConfigureAwait(false);
        }
    }
}

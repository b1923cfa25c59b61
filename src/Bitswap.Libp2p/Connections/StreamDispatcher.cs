using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Multistream;
using Bitswap.Libp2p.Yamux;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Connections;

/// <summary>Opens streams and hands out those that others open, each within the limits and agreed on in time.</summary>
internal sealed class StreamDispatcher
{
    private readonly Libp2pOptions _options;
    private readonly ConnectionTable _table;
    private readonly ProtocolTable _protocols;
    private readonly BackgroundTasks _tracker;
    private readonly ILogger _logger;

    public StreamDispatcher(Libp2pOptions options, ConnectionTable table, ProtocolTable protocols, BackgroundTasks tracker, ILogger logger)
    {
        _options = options;
        _table = table;
        _protocols = protocols;
        _tracker = tracker;
        _logger = logger;
    }

    /// <summary>Opens a stream for the first of <paramref name="protocols"/> that the peer speaks.</summary>
    /// <exception cref="Libp2pException">
    /// ProtocolNotSupported, NegotiationFailed, HandshakeTimeout, LimitExceeded, StreamReset or ConnectionClosed.
    /// </exception>
    public async ValueTask<Libp2pStream> OpenAsync(Libp2pConnection connection, IReadOnlyList<string> protocols, CancellationToken ct)
    {
        if (!_table.TryEnterOutbound(connection))
        {
            throw new Libp2pException(
                Libp2pErrorIds.LimitExceeded,
                $"{nameof(Libp2pOptions.MaxOutboundStreamsPerConnection)} ({_options.MaxOutboundStreamsPerConnection}) is reached for {connection.RemotePeer}.");
        }
        var lease = new StreamLease(_table, connection, ConnectionDirection.Outbound, _options, _tracker);
        using var timeout = new CancellationTokenSource(_options.NegotiationTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        YamuxStream? muxed = null;
        try
        {
            muxed = await connection.Session.OpenAsync(either.Token).ConfigureAwait(false);
            string agreed = await MultistreamSelect.SelectAsync(muxed, protocols, either.Token).ConfigureAwait(false);
            return new Libp2pStream(connection, muxed, muxed, agreed, lease);
        }
        catch (Exception error)
        {
            muxed?.Reset();
            lease.Release();
            if (error is OperationCanceledException && timeout.IsCancellationRequested && !ct.IsCancellationRequested)
            {
                throw new Libp2pException(
                    Libp2pErrorIds.HandshakeTimeout,
                    $"{connection.RemotePeer} did not agree on a protocol within {nameof(Libp2pOptions.NegotiationTimeout)} ({_options.NegotiationTimeout}).");
            }
            throw;
        }
    }

    /// <summary>Serves the streams of a connection until it ends.</summary>
    public async Task AcceptAsync(Libp2pConnection connection)
    {
        while (await connection.Session.AcceptAsync(connection.Closing).ConfigureAwait(false) is { } muxed)
        {
            if (_table.TryEnterInbound(connection) is { } refusal)
            {
                Log.StreamRefused(_logger, connection.RemotePeer.ToString(), refusal);
                muxed.Reset();
                continue;
            }
            _tracker.Run("an inbound stream", () => ServeAsync(connection, muxed));
        }
    }

    private async Task ServeAsync(Libp2pConnection connection, YamuxStream muxed)
    {
        var lease = new StreamLease(_table, connection, ConnectionDirection.Inbound, _options, _tracker);
        string? protocol = await NegotiateAsync(connection, muxed).ConfigureAwait(false);
        // the handler may have been taken away since its name was agreed on
        ProtocolHandler? handler = protocol is null ? null : _protocols.Find(protocol);
        if (handler is null)
        {
            muxed.Reset();
            lease.Release();
            return;
        }
        if (handler.MaxPerPeer is { } max && !lease.TryEnterProtocol(protocol!, max))
        {
            Log.StreamRefused(_logger, connection.RemotePeer.ToString(), $"{max} streams of {protocol} are open");
            muxed.Reset();
            lease.Release();
            return;
        }
        await using var stream = new Libp2pStream(connection, muxed, muxed, protocol!, lease);
        try
        {
            if (handler.MaxPerPeer is null)
            {
                // the layers above do not know the peer of a lookup's connection; what it says waits until they do, or ends with the connection
                await _table.WhenAnnounced(connection.RemotePeer).WaitAsync(connection.Closing).ConfigureAwait(false);
            }
            await handler.Handle(stream, connection.Closing).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            stream.Reset();
            if (error is Libp2pException or OperationCanceledException)
            {
                Log.HandlerStreamEnded(_logger, protocol!, connection.RemotePeer.ToString(), error);
            }
            else
            {
                Log.HandlerFailed(_logger, protocol!, connection.RemotePeer.ToString(), error);
            }
        }
    }

    private async Task<string?> NegotiateAsync(Libp2pConnection connection, YamuxStream muxed)
    {
        using var timeout = new CancellationTokenSource(_options.NegotiationTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(connection.Closing, timeout.Token);
        try
        {
            return await MultistreamSelect.AcceptAsync(muxed, _protocols.Names, _options.Multistream, either.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is Libp2pException or OperationCanceledException)
        {
            Log.StreamNegotiationFailed(_logger, connection.RemotePeer.ToString(), error);
            return null;
        }
    }
}

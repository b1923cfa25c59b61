using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Crypto;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Protocols.Identify.Wire;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Protocols.Identify;

/// <summary>
/// identify and identify-push, both ways (libp2p specs, identify/README.md). Every connection is asked once; a peer that answers late,
/// wrongly or not at all stays connected, without its protocols being known.
/// </summary>
internal sealed class IdentifyService
{
    /// <summary>Asks.</summary>
    public const string Protocol = "/ipfs/id/1.0.0";

    /// <summary>Tells unasked.</summary>
    public const string PushProtocol = "/ipfs/id/push/1.0.0";

    /// <summary>The name of the network of IPFS.</summary>
    public const string ProtocolVersion = "ipfs/0.1.0";

    /// <summary>Streams of either protocol that one peer may have open.</summary>
    public const int MaxPerPeer = 2;

    private static readonly string[] _ask = [Protocol];
    private static readonly string[] _tell = [PushProtocol];

    private readonly Libp2pOptions _options;
    private readonly StreamDispatcher _streams;
    private readonly ConnectionTable _table;
    private readonly ProtocolTable _protocols;
    private readonly BackgroundTasks _tracker;
    private readonly Func<IReadOnlyList<Multiaddr>> _addresses;
    private readonly Action<Libp2pConnection> _identified;
    private readonly ILogger _logger;

    public IdentifyService(
        Libp2pOptions options,
        StreamDispatcher streams,
        ConnectionTable table,
        ProtocolTable protocols,
        BackgroundTasks tracker,
        Func<IReadOnlyList<Multiaddr>> addresses,
        Action<Libp2pConnection> identified,
        ILogger logger)
    {
        _options = options;
        _streams = streams;
        _table = table;
        _protocols = protocols;
        _tracker = tracker;
        _addresses = addresses;
        _identified = identified;
        _logger = logger;
        protocols.Set(Protocol, new ProtocolHandler(AnswerAsync, MaxPerPeer));
        protocols.Set(PushProtocol, new ProtocolHandler(HearAsync, MaxPerPeer));
    }

    /// <summary>Asks the peer of a new connection. What goes wrong is logged, and costs nothing but the knowledge.</summary>
    public async Task AskAsync(Libp2pConnection connection)
    {
        using var timeout = new CancellationTokenSource(_options.IdentifyTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(connection.Closing, timeout.Token);
        try
        {
            Libp2pStream opened = await _streams.OpenAsync(connection, _ask, either.Token).ConfigureAwait(false);
            await opened.UseAsync(async stream =>
            {
                await stream.CloseWriteAsync(either.Token).ConfigureAwait(false);
                await LearnAsync(stream, IdentifyCodec.MergeUnder, either.Token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        catch (Exception error) when (error is Libp2pException or OperationCanceledException)
        {
            Log.IdentifyFailed(_logger, connection.RemotePeer.ToString(), error);
            return;
        }
        // what changed while we asked
        Push(connection);
    }

    /// <summary>Tells every peer that wants to know that our protocols or addresses changed.</summary>
    public void PushToAll()
    {
        foreach (Libp2pConnection connection in _table.Snapshot())
        {
            Push(connection);
        }
    }

    private void Push(Libp2pConnection connection)
    {
        if (!connection.IsClosing
            && connection.RemoteProtocols.Contains(PushProtocol, StringComparer.Ordinal)
            && connection.TryBeginPush(_protocols.Version))
        {
            _tracker.Run("an identify push", () => TellAsync(connection));
        }
    }

    private async Task TellAsync(Libp2pConnection connection)
    {
        long version = _protocols.Version;
        using var timeout = new CancellationTokenSource(_options.IdentifyTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(connection.Closing, timeout.Token);
        try
        {
            Libp2pStream opened = await _streams.OpenAsync(connection, _tell, either.Token).ConfigureAwait(false);
            await opened.UseAsync(async stream =>
            {
                await stream.WriteAsync(IdentifyCodec.Encode(Describe(connection)), either.Token).ConfigureAwait(false);
                await stream.CloseWriteAsync(either.Token).ConfigureAwait(false);
                // the peer ends its half when it has taken this in: a later push on another stream must not overtake it
                await stream.ReadAsync(new byte[1], either.Token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        catch (Exception error) when (error is Libp2pException or OperationCanceledException)
        {
            Log.PushFailed(_logger, connection.RemotePeer.ToString(), error);
        }
        finally
        {
            // a push that failed is not repeated for the same change: the next one tells all
            connection.EndPush(version);
        }
        Push(connection);
    }

    private async Task AnswerAsync(Libp2pStream stream, CancellationToken ct)
    {
        long version = _protocols.Version;
        using var timeout = new CancellationTokenSource(_options.IdentifyTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        await stream.WriteAsync(IdentifyCodec.Encode(Describe(stream.Connection)), either.Token).ConfigureAwait(false);
        await stream.CloseWriteAsync(either.Token).ConfigureAwait(false);
        stream.Connection.Answered(version);
    }

    private async Task HearAsync(Libp2pStream stream, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(_options.IdentifyTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        await LearnAsync(stream, IdentifyCodec.Merge, either.Token).ConfigureAwait(false);
    }

    private async Task LearnAsync(
        Libp2pStream stream, Func<RemoteIdentity, IdentifyMessage, RemoteIdentity> merge, CancellationToken ct)
    {
        Libp2pConnection connection = stream.Connection;
        IdentifyMessage message = await IdentifyCodec.ReadAsync(stream.ReadAsync, ct).ConfigureAwait(false);
        if (message.HasPublicKey && !message.PublicKey.Span.SequenceEqual(connection.RemoteKey.Encode()))
        {
            Log.IdentifyIgnored(_logger, connection.RemotePeer.ToString(), "it names a key that is not the connection's");
            return;
        }
        AddressScope source = AddressScopes.Of(connection.RemoteAddress);
        connection.UpdateIdentity(before => merge(before, message).Admitted(_options.DialRule, source));
        Log.Identified(_logger, connection.RemotePeer.ToString(), connection.AgentVersion, connection.RemoteProtocols.Count);
        _identified(connection);

        // waited for to its end, whatever ct says: the stream's place under the limits is what bounds the events waiting
        await _table.PostIdentified(connection).ConfigureAwait(false);
    }

    private IdentifyMessage Describe(Libp2pConnection connection)
    {
        IdentifyMessage message = new()
        {
            PublicKey = ByteString.CopyFrom(_options.Identity.PublicKey.Encode()),
            ObservedAddr = ByteString.CopyFrom(connection.RemoteAddress.WithoutPeerId().Bytes),
            ProtocolVersion = ProtocolVersion,
            AgentVersion = _options.AgentVersion,
        };
        message.ListenAddrs.AddRange(_addresses().Select(a => ByteString.CopyFrom(a.WithoutPeerId().Bytes)));
        message.Protocols.AddRange(_protocols.Names);
        return message;
    }
}

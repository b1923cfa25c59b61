using System.Threading.Channels;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;
using Bitswap.Libp2p.Errors;
using Bitswap.Libp2p.Reachability;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Protocols.AutoNat;

/// <summary>
/// Asks connected peers now and then whether they reach this host, one after the other. It connects to none for that, and asks only about addresses of the internet: a host that
/// listens on this machine or in a local network alone, and is seen at no other address, asks nothing.
/// </summary>
internal sealed class ReachabilityChecker
{
    private readonly Libp2pOptions _options;
    private readonly ConnectionTable _table;
    private readonly OwnAddresses _own;
    private readonly AutoNatClient _client;
    private readonly ILogger _logger;
    private readonly Channel<bool> _heard = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public ReachabilityChecker(Libp2pOptions options, ConnectionTable table, OwnAddresses own, AutoNatClient client, ILogger logger)
    {
        _options = options;
        _table = table;
        _own = own;
        _client = client;
        _logger = logger;
    }

    /// <summary>Looks again soon: a peer has told something.</summary>
    public void Wake() => _heard.Writer.TryWrite(true);

    /// <summary>Asks until the host stops.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            // between two requests, and for what comes together with what was heard
            await Task.Delay(_options.Reachability.RequestPause, _options.Clock, stopping).ConfigureAwait(false);
            Dictionary<PeerId, Libp2pConnection> servers = Servers();
            if (_own.NextCheck([.. servers.Values.Select(Describe)]) is { } check)
            {
                CheckOutcome outcome = await AskAsync(check, servers[check.Server.Peer], stopping).ConfigureAwait(false);
                _own.Complete(check, outcome);
                continue;
            }
            await WaitAsync(stopping).ConfigureAwait(false);
        }
    }

    private async Task<CheckOutcome> AskAsync(ReachabilityCheck check, Libp2pConnection server, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(_options.Reachability.RequestTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);
        try
        {
            CheckOutcome outcome = await _client.AskAsync(server, check.Address, either.Token).ConfigureAwait(false);
            Log.Checked(_logger, check.Server.Peer.ToString(), check.Address.ToString(), outcome.ToString());
            return outcome;
        }
        catch (Exception error) when (error is Libp2pException || (error is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            Log.CheckFailed(_logger, check.Server.Peer.ToString(), check.Address.ToString(), error);
            return CheckOutcome.Failed;
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        // by then a server that was asked may be asked again, or an answer is old
        using var refresh = new CancellationTokenSource(_options.Reachability.ServerPause, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, refresh.Token);
        try
        {
            await _heard.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // time to look again
        }
    }

    private Dictionary<PeerId, Libp2pConnection> Servers() => _table.Snapshot()
        .Where(connection => !connection.IsClosing && connection.Circuit is null && connection.RemoteProtocols.Contains(AutoNatClient.DialRequestProtocol, StringComparer.Ordinal))
        .DistinctBy(connection => connection.RemotePeer)
        .ToDictionary(connection => connection.RemotePeer);

    private AutoNatServer Describe(Libp2pConnection connection) => new(
        connection.RemotePeer, AddressGroups.SubnetOf(connection.RemoteIp, _options.SplitsMachine), AddressScopes.Of(connection.RemoteAddress));
}

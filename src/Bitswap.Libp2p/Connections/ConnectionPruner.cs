using System.Threading.Channels;
using Bitswap.Libp2p.Abstractions;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Connections;

/// <summary>
/// Closes the least valuable connections when there are more than <see cref="Libp2pOptions.HighWater"/>, down to
/// <see cref="Libp2pOptions.LowWater"/>. Protected peers, peers that are leased, and connections within their grace period are left; but of those that others
/// opened and whose peers have a score of 0, only so many are safe by that, shared among their addresses: a flood of new peers is pruned itself.
/// </summary>
internal sealed class ConnectionPruner
{
    private readonly Libp2pOptions _options;
    private readonly ConnectionTable _table;
    private readonly PeerProtection _protection;
    private readonly ConnectionLeases _leases;
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly ILogger _logger;

    public ConnectionPruner(Libp2pOptions options, ConnectionTable table, PeerProtection protection, ConnectionLeases leases, ILogger logger)
    {
        _options = options;
        _table = table;
        _protection = protection;
        _leases = leases;
        _logger = logger;
    }

    /// <summary>Gets or sets what a peer is worth; the lower go first. Null: all alike.</summary>
    public Func<PeerId, double>? Score { get; set; }

    /// <summary>There is a new connection.</summary>
    public void Signal() => _signal.Writer.TryWrite(true);

    /// <summary>Prunes until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            await WaitAsync(ct).ConfigureAwait(false);
            Libp2pConnection[] all = _table.Snapshot();
            if (all.Length <= _options.HighWater)
            {
                continue;
            }
            List<Libp2pConnection> chosen = Choose(all);
            Log.Pruning(_logger, chosen.Count, all.Length);
            await Task.WhenAll(chosen.Select(PruneAsync)).WaitAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Returns which to close: new ones that are too many first; then those that others opened and whose peers have no score, of the addresses that have most first; then the others,
    /// those of the lowest score first. Of equal ones those without streams go first, then the newest.
    /// </summary>
    public List<Libp2pConnection> Choose(IReadOnlyList<Libp2pConnection> all)
    {
        Dictionary<PeerId, double> scores = [];
        foreach (PeerId peer in all.Select(c => c.RemotePeer).Distinct())
        {
            scores.Add(peer, ScoreOf(peer));
        }
        Libp2pConnection[] candidates = [.. all.Where(c => !c.IsClosing && !_protection.IsProtected(c.RemotePeer) && !_leases.IsLeased(c.RemotePeer))];
        Libp2pConnection[] idlers = [.. candidates.Where(c => c.Direction == ConnectionDirection.Inbound && scores[c.RemotePeer] <= 0)];

        // the first of each address, then the second of each, and so on
        Dictionary<Libp2pConnection, int> rank = idlers
            .GroupBy(c => AddressGroups.AddressOf(c.RemoteIp, _options.SplitsMachine))
            .SelectMany(group => group.OrderByDescending(c => c.Age).Select((c, i) => (c, i)))
            .ToDictionary(pair => pair.c, pair => pair.i);
        HashSet<Libp2pConnection> tooMany = [.. idlers.Where(IsNew).OrderBy(c => rank[c]).Skip(_options.NewcomerPlaces)];
        return [.. candidates
            .Where(c => !IsNew(c) || tooMany.Contains(c))
            .OrderBy(c => tooMany.Contains(c) ? 0 : rank.ContainsKey(c) ? 1 : 2)
            .ThenByDescending(c => rank.GetValueOrDefault(c))
            .ThenBy(c => scores[c.RemotePeer])
            .ThenBy(c => c.StreamCount)
            .ThenBy(c => c.Direction)
            .ThenBy(c => c.Age)
            .Take(Math.Max(0, all.Count - _options.LowWater))];
    }

    private bool IsNew(Libp2pConnection connection) => connection.Age < _options.PruneGracePeriod;

    private double ScoreOf(PeerId peer)
    {
        try
        {
            return Score?.Invoke(peer) ?? 0;
        }
        catch (Exception error)
        {
            Log.ScoreFailed(_logger, peer.ToString(), error);
            return 0;
        }
    }

    private async Task PruneAsync(Libp2pConnection connection)
    {
        await connection.CloseAsync("pruned: too many connections").ConfigureAwait(false);
        await connection.Ended.ConfigureAwait(false);
    }

    private async Task WaitAsync(CancellationToken ct)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task signalled = _signal.Reader.WaitToReadAsync(wait.Token).AsTask();
        // over the mark with everything in its grace period: look again when that may have passed
        Task again = _table.Snapshot().Length > _options.HighWater
            ? Task.Delay(RetryDelay(_options.PruneGracePeriod), _options.Clock, wait.Token)
            : Task.Delay(Timeout.InfiniteTimeSpan, _options.Clock, wait.Token);
        await Task.WhenAny(signalled, again).ConfigureAwait(false);
        await wait.CancelAsync().ConfigureAwait(false);
        ct.ThrowIfCancellationRequested();
        _signal.Reader.TryRead(out _);
    }

    private static TimeSpan RetryDelay(TimeSpan grace) => grace > TimeSpan.FromSeconds(1) ? grace : TimeSpan.FromSeconds(1);
}

using System.Globalization;

namespace Bitswap.Node.Names;

/// <summary>
/// Asks all sources for the record of one name, and takes the one that holds among those that are valid. Each source is asked until it has ended, or has given as many valid records
/// as are enough; once one is there, the others have a while left.
/// </summary>
/// <param name="name">The name.</param>
/// <param name="options">How many are enough, and how long the while is.</param>
/// <param name="clock">The clock of that.</param>
internal sealed class RecordSearch(PeerId name, RoutingOptions options, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly List<string> _reports = [];
    private readonly List<BitswapException> _failures = [];
    private IpnsRecord? _best;
    private string _bestSource = "";

    /// <summary>Searches.</summary>
    /// <param name="sources">Whom to ask, at least one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The record, and who gave it.</returns>
    /// <exception cref="BitswapException">NameNotFound: no valid record was given. The error of the only kind where no source could be asked.</exception>
    public async ValueTask<(IpnsRecord Record, string Source)> RunAsync(IReadOnlyList<INameSource> sources, CancellationToken cancellationToken) =>
        await FindAsync(sources, cancellationToken).ConfigureAwait(false) is { } best ? (best, _bestSource) : throw Nothing(sources.Count);

    /// <summary>Searches as <see cref="RunAsync"/> does.</summary>
    /// <param name="sources">Whom to ask.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The record; null where no valid one was given, for whatever reason.</returns>
    public async ValueTask<IpnsRecord?> FindAsync(IReadOnlyList<INameSource> sources, CancellationToken cancellationToken)
    {
        using CancellationTokenSource settled = new(Timeout.InfiniteTimeSpan, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(settled.Token, cancellationToken);
        await Task.WhenAll(sources.Select(source => AskAsync(source, settled, either.Token))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return _best;
    }

    private async Task AskAsync(INameSource source, CancellationTokenSource settled, CancellationToken cancellationToken)
    {
        int valid = 0;
        int given = 0;
        string? why = null;
        try
        {
            await foreach (ReadOnlyMemory<byte> bytes in source.FindRecordsAsync(name, cancellationToken).ConfigureAwait(false))
            {
                given++;
                try
                {
                    IpnsRecord record = IpnsRecord.Decode(bytes, name);
                    if (record.IsExpiredAt(clock.GetUtcNow()))
                    {
                        why = $"the record of sequence {record.Sequence} expired at {record.Validity}.";
                        continue;
                    }

                    Take(record, source, settled);
                }
                catch (BitswapException invalid) when (invalid.ErrorId == NodeErrorIds.InvalidNameRecord)
                {
                    why = invalid.Message;
                    continue;
                }

                if (++valid == options.NameQuorum)
                {
                    break;
                }
            }

            Report(source, given == 0 ? "it has no record." : string.Create(CultureInfo.InvariantCulture, $"none of its {given} records is valid: {why}"));
        }
        catch (BitswapException failure)
        {
            Report(source, failure.Message);
            lock (_lock)
            {
                _failures.Add(failure);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // what it gave until then is taken
        }
    }

    private void Take(IpnsRecord record, INameSource source, CancellationTokenSource settled)
    {
        lock (_lock)
        {
            if (_best is null)
            {
                settled.CancelAfter(options.NameSettleTime);
            }

            if (_best is null || record.CompareTo(_best) > 0)
            {
                _best = record;
                _bestSource = source.Name;
            }
        }
    }

    private void Report(INameSource source, string what)
    {
        lock (_lock)
        {
            _reports.Add($"{source.Name}: {what}");
        }
    }

    private BitswapException Nothing(int sources) => _failures.Count == sources && sources == 1
        ? _failures[0]
        : NameErrors.NotFound(IpnsName.TextOf(name), string.Join(' ', _reports), _failures.FirstOrDefault());
}

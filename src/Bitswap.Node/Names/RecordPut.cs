using System.Globalization;

namespace Bitswap.Node.Names;

/// <summary>Puts one record to all places at once, and gathers what came of it.</summary>
/// <param name="record">The record.</param>
internal sealed class RecordPut(IpnsRecord record)
{
    private readonly Lock _lock = new();
    private readonly List<string> _routers = [];
    private readonly List<PeerId> _peers = [];
    private readonly List<string> _refusals = [];

    /// <summary>Puts it.</summary>
    /// <param name="key">The name of the key.</param>
    /// <param name="targets">Where.</param>
    /// <param name="late">Cancelled when those who have not answered have had their time; it is a refusal of theirs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BitswapException">NodeStopped.</exception>
    public async Task<Publication> RunAsync(string key, IReadOnlyList<INameTarget> targets, CancellationToken late, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late, cancellationToken);
        await Task.WhenAll(targets.Select(target => PutAsync(target, either.Token))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return new Publication(key, record, _routers, _peers, _refusals);
    }

    private async Task PutAsync(INameTarget target, CancellationToken cancellationToken)
    {
        int taken = 0;
        int answers = 0;
        try
        {
            await foreach (NamePut put in target.PutRecordAsync(record.Name, record.Bytes, cancellationToken).ConfigureAwait(false))
            {
                answers++;
                taken += put.Refusal is null ? 1 : 0;
                Add(target, put);
            }

            if (answers == 0)
            {
                Refuse($"{target.Name} named nobody to give the record to.");
            }
        }
        catch (BitswapException failure) when (failure.ErrorId != NodeErrorIds.NodeStopped)
        {
            Refuse(failure.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Refuse(string.Create(CultureInfo.InvariantCulture, $"The time was over before {target.Name} had answered{(taken == 0 ? "" : $" in full; {taken} there have the record")}."));
        }
    }

    private void Add(INameTarget target, NamePut put)
    {
        lock (_lock)
        {
            if (put.Refusal is { } refusal)
            {
                _refusals.Add(refusal);
            }
            else if (put.Peer is { } peer)
            {
                _peers.Add(peer);
            }
            else
            {
                _routers.Add(target.Name);
            }
        }
    }

    private void Refuse(string why)
    {
        lock (_lock)
        {
            _refusals.Add(why);
        }
    }
}

using Bitswap.Libp2p.Protocols.Kademlia;

namespace Bitswap.Node.Providing;

/// <summary>Does what a <see cref="ProvideSweep"/> says: looks up one place after the other, and tells the peers that it has found, beside the lookups.</summary>
/// <param name="target">Where blocks are announced.</param>
/// <param name="streams">A place for each peer that is told at once; shared by all runs of a node.</param>
/// <param name="clock">The clock.</param>
internal sealed class ProvideRun(IProviderTarget target, SemaphoreSlim streams, TimeProvider clock)
{
    // what a lookup takes, several others take to be told: more are not looked up ahead, so that what is under way is bounded
    private const int RegionsAtOnce = 4;

    // for one peer and up to 4096 blocks; one that takes them slower holds up the others
    private static readonly TimeSpan _tellLimit = TimeSpan.FromMinutes(2);

    /// <summary>Gets how many lookups there were.</summary>
    public int Lookups { get; private set; }

    /// <summary>Announces blocks. One whose multihash is longer than peers take, and one that follows from its CID, is left out.</summary>
    /// <inheritdoc cref="RunAsync(ProvideSweep, Func{ToldRegion, ValueTask}, CancellationToken)"/>
    public Task RunAsync(IReadOnlyCollection<Multihash> blocks, Func<ToldRegion, ValueTask> told, CancellationToken cancellationToken) =>
        RunAsync(SweepOf(ProvidedBlocks.Of(blocks)), told, cancellationToken);

    /// <summary>Returns a sweep over sorted blocks. The keys that it looks up for their place alone are not the same for all nodes.</summary>
    public ProvideSweep SweepOf(ProvideKeys keys, ulong start = 0, ulong end = ulong.MaxValue, ulong limit = ulong.MaxValue) =>
        new(keys, target.BucketSize, start, end, limit, (ulong)Random.Shared.NextInt64());

    /// <summary>Runs a sweep to its end.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="told">Called with each region that was told, from any thread, several at once.</param>
    /// <param name="cancellationToken">Gives up. Who was told by then knows it, and is given to <paramref name="told"/> with those who were not.</param>
    /// <exception cref="BitswapException">A lookup failed, and nothing more was looked up. What was found before was told.</exception>
    public async Task RunAsync(ProvideSweep sweep, Func<ToldRegion, ValueTask> told, CancellationToken cancellationToken)
    {
        Queue<Task> telling = [];
        try
        {
            while (!sweep.IsDone)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (sweep.TryTake() is { } region)
                {
                    while (telling.Count >= RegionsAtOnce)
                    {
                        await telling.Dequeue().ConfigureAwait(false);
                    }

                    telling.Enqueue(TellAsync(region));
                    continue;
                }

                KademliaClosest found = await target.LookupAsync(sweep.Target!.Value, cancellationToken).ConfigureAwait(false);
                Lookups++;
                sweep.Learn(found.Peers, found.IsComplete);
            }
        }
        finally
        {
            // each ends soon once it is cancelled, and at its limit where only a lookup failed
            await ((Task)Task.WhenAll(telling)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(telling).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();

        async Task TellAsync(SweepRegion region)
        {
            ToldShare[] shares = await Task.WhenAll(region.Shares.Select(share => TellOneAsync(region, share, cancellationToken))).ConfigureAwait(false);
            await told(new ToldRegion(region.Keys, shares)).ConfigureAwait(false);
        }
    }

    private async Task<ToldShare> TellOneAsync(SweepRegion region, SweepShare share, CancellationToken cancellationToken)
    {
        bool hasPlace = false;
        using CancellationTokenSource limit = new(Timeout.InfiniteTimeSpan, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            await streams.WaitAsync(cancellationToken).ConfigureAwait(false);
            hasPlace = true;
            limit.CancelAfter(_tellLimit);
            byte[][] keys = [.. share.Keys.Select(key => region.Keys[key])];
            return new ToldShare(await target.TellAsync(share.Peer, keys, either.Token).ConfigureAwait(false), share.Keys);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            string why = cancellationToken.IsCancellationRequested ? "it was given up before" : $"it did not take {share.Keys.Count} records within {_tellLimit}";
            return new ToldShare(new ToldPeer(share.Peer.Id, $"{share.Peer.Id} was not told: {why}.", false), share.Keys);
        }
        finally
        {
            if (hasPlace)
            {
                streams.Release();
            }
        }
    }
}

/// <summary>Represents blocks that were announced together.</summary>
/// <param name="Keys">Their multihashes in binary.</param>
/// <param name="Shares">Who was told of which of them.</param>
internal sealed record ToldRegion(IReadOnlyList<byte[]> Keys, IReadOnlyList<ToldShare> Shares)
{
    /// <summary>Gets why none of the peers took any of them: the first reason, or that there was none; null where at least one did.</summary>
    public string? Failure => Shares.Any(share => share.Peer.Refusal is null) ? null : Shares.Select(share => share.Peer.Refusal).FirstOrDefault() ?? "The DHT has no peer that could be told.";

    /// <summary>Returns how many of the blocks at least one peer took.</summary>
    public int CountTaken()
    {
        bool[] taken = new bool[Keys.Count];
        foreach (int key in Shares.Where(share => share.Peer.Refusal is null).SelectMany(share => share.Keys))
        {
            taken[key] = true;
        }

        return taken.Count(isTaken => isTaken);
    }
}

/// <summary>Represents what one peer was told.</summary>
/// <param name="Peer">The peer, and what came of it.</param>
/// <param name="Keys">The numbers of the blocks in their region.</param>
internal sealed record ToldShare(ToldPeer Peer, IReadOnlyList<int> Keys);

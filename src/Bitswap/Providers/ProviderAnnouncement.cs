using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Bitswap.Errors;
using Bitswap.Multiformats;
using Bitswap.Node.Providing;
using Bitswap.Pipeline;

namespace Bitswap.Providers;

/// <summary>Announces blocks in one place, all at once, so that those whose keys are near each other share a lookup.</summary>
/// <param name="node">The node that has them.</param>
/// <param name="target">Where they are announced.</param>
/// <param name="cids">The blocks. They are few enough to be kept in memory.</param>
internal sealed class ProviderAnnouncement(BitswapNode node, IProviderTarget target, IReadOnlyCollection<Cid> cids)
{
    private const int MaxUnwritten = 8;

    /// <summary>Announces them, and gives what writes how that ended, as it ends. Those who were told before the time was up are told of, too.</summary>
    /// <param name="seconds">How long the next blocks may take; 0 for no limit.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async IAsyncEnumerable<Action<IPipelineSink>> RunAsync(double seconds, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Dictionary<Multihash, List<Cid>> blocks = [];
        foreach (Cid cid in cids)
        {
            if (await CheckAsync(cid, cancellationToken).ConfigureAwait(false) is { } fault)
            {
                yield return sink => sink.WriteFault(fault);
            }
            else if (blocks.TryGetValue(cid.Hash, out List<Cid>? same))
            {
                same.Add(cid);
            }
            else
            {
                blocks.Add(cid.Hash, [cid]);
            }
        }

        if (blocks.Count == 0)
        {
            yield break;
        }

        Dictionary<(int Peers, string Reason, bool IsOutOfReach), List<Cid>> refused = [];
        Channel<ToldRegion> told = Channel.CreateBounded<ToldRegion>(MaxUnwritten);
        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenSource reading = new();
        Task<Func<Cid, Fault>?> running = AnnounceAsync(blocks.Keys, told.Writer, seconds, time, reading.Token);
        try
        {
            await foreach (ToldRegion region in told.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                foreach (Action<IPipelineSink> write in Write(region, blocks, refused))
                {
                    yield return write;
                }

                if (TimeLimit.From(seconds) is { } limit)
                {
                    time.CancelAfter(limit);
                }
            }
        }
        finally
        {
            await reading.CancelAsync().ConfigureAwait(false);
            await time.CancelAsync().ConfigureAwait(false);
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (((int count, string reason, bool isOutOfReach), List<Cid> same) in refused)
        {
            Fault fault = Faults.OfBlocks(Faults.NotPublished(same[0], count, reason, isOutOfReach), same);
            yield return sink => sink.WriteFault(fault);
        }

        Cid[] left = [.. blocks.Values.SelectMany(same => same)];
        if (left.Length == 0)
        {
            yield break;
        }

        if (await running.ConfigureAwait(false) is { } failure)
        {
            Fault all = Faults.OfBlocks(failure(left[0]), left);
            yield return sink => sink.WriteFault(all);
            yield break;
        }

        // each of these has its own hash, which is too long
        foreach (Cid cid in left)
        {
            yield return sink => sink.WriteFault(Faults.KeyTooLong(cid));
        }
    }

    private async ValueTask<Fault?> CheckAsync(Cid cid, CancellationToken cancellationToken)
    {
        try
        {
            return await node.Host.GetLocalSizeAsync(cid, cancellationToken).ConfigureAwait(false) is null ? Faults.NotHere(cid) : null;
        }
        catch (Exception failure) when (FaultMap.TryMap(failure, cid, out Fault? mapped))
        {
            return mapped;
        }
    }

    private async Task<Func<Cid, Fault>?> AnnounceAsync(
        IReadOnlyCollection<Multihash> blocks, ChannelWriter<ToldRegion> told, double seconds, CancellationTokenSource time, CancellationToken reading)
    {
        CancellationToken stopping = time.Token;
        try
        {
            if (TimeLimit.From(seconds) is { } limit)
            {
                time.CancelAfter(limit);
            }

            using SemaphoreSlim streams = new(node.Host.MaxProvideStreams);
            await new ProvideRun(target, streams, node.Host.Clock).RunAsync(blocks, region => told.WriteAsync(region, reading), stopping).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !reading.IsCancellationRequested)
        {
            return cid => Faults.Timeout(cid, TimeLimit.From(seconds) ?? TimeSpan.Zero);
        }
        catch (Exception failure) when (FaultMap.TryMap(failure, null, out Fault? mapped))
        {
            return cid => mapped with { Target = cid };
        }
        finally
        {
            told.Complete();
        }
    }

    // takes what was told out of what waits; blocks that no peer took have an error for each reason
    private IEnumerable<Action<IPipelineSink>> Write(
        ToldRegion region, Dictionary<Multihash, List<Cid>> blocks, Dictionary<(int Peers, string Reason, bool IsOutOfReach), List<Cid>> refused)
    {
        ILookup<int, ToldPeer> peers = region.Shares.SelectMany(share => share.Keys.Select(key => (Key: key, share.Peer))).ToLookup(one => one.Key, one => one.Peer);
        for (int i = 0; i < region.Keys.Count; i++)
        {
            blocks.Remove(Multihash.FromBytes(region.Keys[i]), out List<Cid>? same);
            ToldPeer[] told = [.. peers[i]];
            BitswapRefusal[] refusals = [.. told.Where(peer => peer.Refusal is not null).Select(peer => new BitswapRefusal { PeerId = peer.Peer.ToString(), Reason = peer.Refusal! })];
            foreach (Cid cid in same ?? [])
            {
                if (told.Length > 0)
                {
                    yield return sink => sink.WriteObject(RecordOf(cid, told, refusals));
                }
            }

            if (refusals.Length == told.Length && same is not null)
            {
                (int, string, bool) reason = (refusals.Length, refusals.FirstOrDefault()?.Reason ?? "no peer was found", told.Any(peer => peer.IsOutOfReach));
                if (!refused.TryGetValue(reason, out List<Cid>? cids))
                {
                    refused.Add(reason, cids = []);
                }

                cids.AddRange(same);
            }
        }
    }

    private BitswapProviderRecord RecordOf(Cid cid, ToldPeer[] told, BitswapRefusal[] refusals) => new()
    {
        Cid = cid.ToString(),
        Source = target.Kind,
        Peers = [.. told.Where(peer => peer.Refusal is null).Select(peer => peer.Peer.ToString())],
        Refusals = refusals,
        Node = node.Name,
    };
}

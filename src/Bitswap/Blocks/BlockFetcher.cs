using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Bitswap.Dag.UnixFs.Read;
using Bitswap.Errors;
using Bitswap.Multiformats;
using Bitswap.Pipeline;

namespace Bitswap.Blocks;

/// <summary>
/// Fetches blocks beside the pipeline. What one instance fetches from one node is one session: what is learnt of peers with one block
/// serves the next.
/// </summary>
internal sealed class BlockFetcher : IDisposable
{
    private readonly IPipelineSink _sink;
    private readonly FetchOptions _options;
    private readonly WorkPump _pump;
    private readonly ProgressMeter _progress;
    private readonly TimeProvider _clock;
    private readonly Dictionary<BitswapNode, long> _sessions = [];
    private readonly Dictionary<BitswapNode, FetchStory> _stories = [];
    private readonly ConcurrentDictionary<NodeWant, BitswapNode> _wants = new();

    public BlockFetcher(IPipelineSink sink, FetchOptions options, TimeProvider clock, CancellationToken stopping)
    {
        _sink = sink;
        _options = options;
        _clock = clock;
        _progress = new ProgressMeter(sink, options.Local ? "Reading blocks" : "Fetching blocks", clock) { WaitsFor = WaitsFor };
        _pump = new WorkPump(sink, options.ThrottleLimit, ordered: false, stopping, _progress.Update);
    }

    /// <summary>Starts to fetch one block, and writes what is done; waits only while as many as allowed are under way.</summary>
    /// <param name="node">Who fetches.</param>
    /// <param name="path">What: a CID, or a path to a block. The blocks on the way are fetched, too.</param>
    /// <param name="only">The only peers to ask, or null for all that may have it.</param>
    /// <param name="file">Where to write it, by its CID, instead of giving it out; or null.</param>
    public void Fetch(BitswapNode node, ContentPath path, IReadOnlyList<PeerId>? only, Func<Cid, string>? file)
    {
        if (!_sessions.TryGetValue(node, out long session))
        {
            session = node.Host.NewSession();
            _sessions.Add(node, session);
        }

        FetchStory? story = StoryOf(node);
        _progress.Total++;
        _pump.Start(cancellation => FetchAsync(new Fetching(node, session, only, story), path, file, cancellation));
    }

    /// <summary>Writes everything that is under way.</summary>
    public void Complete()
    {
        _pump.Complete();
        if (_pump.Dropped > 0)
        {
            _sink.WriteVerbose($"{_pump.Dropped} verbose lines are missing, because they came faster than they could be written.");
        }
    }

    /// <summary>Gives up what is under way: cancels go out to the peers that were asked.</summary>
    public void Dispose()
    {
        foreach ((BitswapNode node, FetchStory story) in _stories)
        {
            node.Host.Unwatch(story);
        }

        _pump.Dispose();
        _progress.Dispose();
    }

    // The one that was asked for first.
    private string? WaitsFor() => _wants.IsEmpty ? null : _wants.MinBy(wanted => wanted.Key.Started) is { Key: { } want, Value: { } node } ? node.Host.WaitOf(want) : null;

    private FetchStory? StoryOf(BitswapNode node)
    {
        if (!_options.Tell || _options.Local)
        {
            return null;
        }

        if (!_stories.TryGetValue(node, out FetchStory? story))
        {
            story = new FetchStory(line => _pump.Tell(sink => sink.WriteVerbose(line)));
            _stories.Add(node, story);
            node.Host.Watch(story);
        }

        return story;
    }

    private async Task<Action<IPipelineSink>> FetchAsync(Fetching fetching, ContentPath path, Func<Cid, string>? file, CancellationToken cancellationToken)
    {
        long started = _clock.GetTimestamp();
        object target = path.Names.Count == 0 ? path.Root : path.ToString();
        try
        {
            UnixFsReader way = new(async (step, token) => (await GetAsync(fetching, step, token).ConfigureAwait(false)).Data);
            ResolvedPath end = await way.ResolveAsync(path, cancellationToken).ConfigureAwait(false);
            Cid cid = end.Cid;
            (ReadOnlyMemory<byte> data, PeerId? from) = await GetAsync(fetching, cid, cancellationToken).ConfigureAwait(false);
            object? output = null;
            if (file is null)
            {
                output = Convert(fetching.Node, cid, data, from);
            }
            else
            {
                await OutFile.WriteAsync(file(cid), data, cancellationToken).ConfigureAwait(false);
            }

            string story = string.Create(
                CultureInfo.InvariantCulture,
                $"{cid}: {data.Length} bytes from {from?.ToString() ?? (KnownBlock.Is(cid.Hash) ? "the CID itself" : "the local store")} in {_clock.GetElapsedTime(started).TotalMilliseconds:0.0} ms");
            int size = data.Length;
            return sink =>
            {
                _progress.Add(size);
                sink.WriteVerbose(story);
                foreach (string note in end.Notes)
                {
                    sink.WriteWarning(note);
                }

                if (output is not null)
                {
                    sink.WriteObject(output);
                }
            };
        }
        catch (Exception exception) when (FaultMap.TryMap(exception, target, out Fault? fault))
        {
            return sink =>
            {
                _progress.Add(0);
                sink.WriteFault(fault);
            };
        }
    }

    private async Task<(ReadOnlyMemory<byte> Data, PeerId? From)> GetAsync(Fetching fetching, Cid cid, CancellationToken cancellationToken)
    {
        if (_options.Local)
        {
            return (await fetching.Node.Host.ReadLocalAsync(cid, cancellationToken).ConfigureAwait(false) ?? throw new FaultException(Faults.BlockNotFound(cid)), null);
        }

        fetching.Story?.Follow(cid);
        WantOptions options = new()
        {
            Priority = _options.Priority,
            Session = fetching.Session,
            OnlyPeers = fetching.Only,
            Timeout = _options.Timeout,
            FailFast = true,
        };
        NodeWant want = await fetching.Node.Host.WantAsync(cid, options, cancellationToken).ConfigureAwait(false);
        _wants.TryAdd(want, fetching.Node);
        try
        {
            Block block = await want.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
            return (block.Data, want.From);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await want.CancelAsync().ConfigureAwait(false);
            throw;
        }
        finally
        {
            _wants.TryRemove(want, out _);
        }
    }

    // a copy: the array belongs to the store, and the user may write into what he is given
    private object Convert(BitswapNode node, Cid cid, ReadOnlyMemory<byte> data, PeerId? from) => _options.Output switch
    {
        FetchOutput.Bytes => data.ToArray(),
        FetchOutput.Text => Encoding.UTF8.GetString(data.Span),
        _ => new BitswapBlock(cid, data.Length, data.ToArray(), from, node),
    };

    // who fetches for whom, and who is told
    private sealed record Fetching(BitswapNode Node, long Session, IReadOnlyList<PeerId>? Only, FetchStory? Story);
}

using Bitswap.Multiformats;
using Bitswap.Node.Blockstores;
using Bitswap.Node.Core;
using Bitswap.Node.Engine;
using Bitswap.Node.Peers;
using Bitswap.Node.Routing;
using Bitswap.Protocol;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node;

/// <summary>
/// Carries out what the engine wants done. Runs on the loop: what can be answered at once is, and the rest is started here and
/// answered through the inbox.
/// </summary>
internal sealed class ActionRunner(PeerLinks links, PeerConnector connector, StoreWorker store, FrameMemory frames, ILogger log)
{
    private readonly Dictionary<long, NodeWant> _wants = [];
    private readonly List<ReadOnlyMemory<byte>> _stored = [];
    private readonly RunningTasks _started = new();
    private readonly CancellationTokenSource _stopping = new();
    private EngineLoop? _loop;

    /// <summary>Gets the wants that have not ended. On the loop only.</summary>
    public Dictionary<long, NodeWant> Wants => _wants;

    /// <summary>Gets or sets the search for providers; null when no source can be asked.</summary>
    public ProviderDialler? Search { get; set; }

    /// <summary>Says where answers go; once, before the loop runs.</summary>
    public void Attach(EngineLoop loop) => _loop = loop;

    /// <summary>Carries out one action. On the loop only.</summary>
    public void Perform(BitswapEngine engine, EngineAction action)
    {
        switch (action)
        {
            case SendMessage send:
                Send(engine, send);
                break;
            case LoadBlocks load:
                Answer(engine, store.LoadAsync(load.Cids, _stopping.Token), (e, data, now) => e.BlocksLoaded(load.RequestId, data, now));
                break;
            case CheckBlocks check:
                Answer(engine, store.CheckAsync(check.Cids, _stopping.Token), (e, sizes, now) => e.BlocksChecked(check.RequestId, sizes, now));
                break;
            case StoreBlock put:
                Answer(engine, store.StoreAsync(put.Block, _stopping.Token), (e, error, now) => Stored(e, put, error, now));
                break;
            case BlockReceived received:
                Deliver(engine, received);
                break;
            case HaveReceived have:
                if (Take(have.WantId) is { } asked)
                {
                    asked.Receive(new Block(asked.Cid, default), have.From);
                    _loop!.Watch.WantEnded(asked, null, have.From);
                }

                break;
            case WantEnded ended:
                if (Take(ended.WantId) is { } want)
                {
                    BitswapException failure = WantFailure(want.Cid, ended);
                    want.Fail(failure);
                    _loop!.Watch.WantEnded(want, failure.ErrorId, null);
                }

                break;
            case FindProviders find:
                if (Search is null)
                {
                    // No source can be asked, and the engine is told so rather than left waiting.
                    engine.ProvidersFound(find.RequestId, [], finished: true, _loop!.Now);
                }
                else
                {
                    _started.Track(SearchAsync(Search, find, AncestorsOf(find)));
                }

                break;
            case DropPeer drop:
                log.PeerDropped(drop.Peer, drop.Reason);
                _started.Track(connector.DisconnectAsync(drop.Peer, drop.Reason, drop.MayReturn, _stopping.Token).AsTask());
                break;
            case BlockRefused refused:
                log.BlockRefused(refused.Peer, refused.Cid, refused.Size);
                break;
            case ConnectPeer connect:
                _started.Track(RedialAsync(connect));
                break;
            default:
                throw new InvalidOperationException($"The engine asked for {action.GetType().Name}, which the node does not know.");
        }
    }

    /// <summary>Ends every want with a failure. On the loop, or once it has ended.</summary>
    public void FailAll(BitswapException failure)
    {
        foreach (NodeWant want in _wants.Values)
        {
            want.Fail(failure);
            _loop!.Watch.WantEnded(want, failure.ErrorId, null);
        }

        _wants.Clear();
    }

    /// <summary>Keeps a task that is not awaited until it ends.</summary>
    public void Track(Task task) => _started.Track(task);

    /// <summary>Stops what has been started and waits for it.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _started.WhenAllAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    /// <summary>
    /// Gives back the memory of blocks that are stored and were not handed to a caller. On the loop, once the actions that storing them led to have been
    /// carried out.
    /// </summary>
    public void ReuseFrames()
    {
        foreach (ReadOnlyMemory<byte> data in _stored)
        {
            frames.Return(data);
        }

        _stored.Clear();
    }

    private void Stored(BitswapEngine engine, StoreBlock put, string? error, TimeSpan now)
    {
        engine.BlockStored(put.RequestId, error, now);
        if (error is null && !store.KeepsData)
        {
            _stored.Add(put.Block.Data);
        }
    }

    private void Deliver(BitswapEngine engine, BlockReceived received)
    {
        if (received.From is { } peer && links.Find(peer)?.ExchangesAsync() is { IsCompleted: false } keeping)
        {
            _started.Track(keeping);
        }

        bool passes = received.From is not null;
        BitswapException? refusal = passes ? store.TakeRefusal(received.Block.Cid) : null;
        foreach (long id in received.WantIds)
        {
            if (Take(id) is { } receiver)
            {
                passes &= receiver.Options.Passing;
                Deliver(receiver, received, receiver.Options.Passing ? null : refusal);
            }
        }

        if (passes)
        {
            store.Pass(received.Block.Cid);
        }

        if (received.From is { } giver)
        {
            _loop!.Scores.Update(engine, giver, _loop.Now);
            _loop.Watch.BlockReceived(giver, received.Block);
        }
    }

    private void Deliver(NodeWant receiver, BlockReceived received, BitswapException? refusal)
    {
        if (refusal is null && receiver.Options.StoreOnly && !KnownBlock.Is(received.Block.Cid.Hash))
        {
            refusal = store.Keep(received.Block);
        }

        if (refusal is not null)
        {
            receiver.Fail(refusal);
            _loop!.Watch.WantEnded(receiver, refusal.ErrorId, null);
            return;
        }

        if (!receiver.Options.StoreOnly)
        {
            frames.Keep(received.Block.Data);
        }

        receiver.Receive(received.Block, received.From);
        _loop!.Watch.WantEnded(receiver, null, received.From);
    }

    private BitswapException WantFailure(Cid cid, WantEnded ended)
    {
        SearchReport? search = Search?.ReportOf(cid);
        return NodeErrors.WantEnded(cid, ended, search?.Account());
    }

    private NodeWant? Take(long id) => _wants.Remove(id, out NodeWant? want) ? want : null;

    private void Send(BitswapEngine engine, SendMessage send)
    {
        if (links.Find(send.Peer)?.TrySend(new OutgoingMessage(send.MessageId, send.Message)) == true)
        {
            _loop!.Watch.MessageSent(send);
        }
        else
        {
            engine.MessageSent(send.Peer, send.MessageId, ok: false, _loop!.Now);
        }
    }

    private void Answer<T>(BitswapEngine engine, ValueTask<T> work, Action<BitswapEngine, T, TimeSpan> answer)
    {
        if (work.IsCompletedSuccessfully)
        {
            answer(engine, work.Result, _loop!.Now);
            return;
        }

        _started.Track(AnswerLaterAsync(work, answer));
    }

    private async Task RedialAsync(ConnectPeer connect)
    {
        // The loop has other work.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            if (await connector.RedialAsync(connect.Peer, _stopping.Token).ConfigureAwait(false) is { } failure)
            {
                log.RedialFailed(connect.Peer, failure.Detail);
                await _loop!.PostAsync(
                    (engine, now) => engine.ConnectFailed(connect.RequestId, connect.Peer, failure.Kind, failure.Detail, failure.IsFinal, now),
                    _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or BitswapException { ErrorId: NodeErrorIds.NodeStopped })
        {
            // The node is stopping and the answer is not waited for.
        }
    }

    // The blocks above it in the graphs that it is wanted for.
    private Cid[] AncestorsOf(FindProviders find) =>
        [.. find.WantIds.SelectMany(id => _wants.GetValueOrDefault(id)?.Options.AncestorsOf?.Invoke(find.Cid) ?? []).Distinct()];

    private async Task SearchAsync(ProviderDialler search, FindProviders find, IReadOnlyList<Cid> ancestors)
    {
        try
        {
            try
            {
                await search.SearchAsync(find.Cid, ancestors, peer => FoundAsync(find.RequestId, [peer], finished: false), _stopping.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (!_stopping.IsCancellationRequested)
            {
                log.SearchFailed(failure, find.Cid);
            }

            // However it ended, the engine is told: a want waits for it.
            await FoundAsync(find.RequestId, [], finished: true).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node is stopping and the answer is not waited for.
        }
    }

    private async ValueTask FoundAsync(long request, IReadOnlyList<PeerId> peers, bool finished) =>
        await _loop!.PostAsync((engine, now) => engine.ProvidersFound(request, peers, finished, now), _stopping.Token).ConfigureAwait(false);

    private async Task AnswerLaterAsync<T>(ValueTask<T> work, Action<BitswapEngine, T, TimeSpan> answer)
    {
        try
        {
            T result = await work.ConfigureAwait(false);
            await _loop!.PostAsync((engine, now) => answer(engine, result, now), _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node is stopping and the answer is not waited for.
        }
    }
}

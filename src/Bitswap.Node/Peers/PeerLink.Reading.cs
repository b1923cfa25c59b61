using Bitswap.Protocol;
using Bitswap.Protocol.Wire;

namespace Bitswap.Node.Peers;

/// <summary>What the peer writes, on streams of either side.</summary>
internal sealed partial class PeerLink
{
    private static readonly Task<bool> _nothingBefore = Task.FromResult(true);

    /// <param name="stream">The stream.</param>
    /// <param name="own">The same, when it is this side's; null for the peer's.</param>
    /// <param name="cancellationToken">The connection is gone.</param>
    private async Task ReadMessagesAsync(IPeerStream stream, OutboundStream? own, CancellationToken cancellationToken)
    {
        // messages are taken in their order: each waits for the one before
        Task<bool> former = _nothingBefore;
        try
        {
            using FrameReader frames = new(_options.Wire, _options.Frames);
            int read;
            long told = _options.Clock.GetTimestamp();
            while ((read = await stream.ReadAsync(frames.GetMemory(), cancellationToken).ConfigureAwait(false)) > 0)
            {
                for (bool more = frames.TryAdvance(read, out ReadOnlyMemory<byte> frame); more; more = frames.TryReadNext(out frame))
                {
                    if (!await former.ConfigureAwait(false))
                    {
                        return;
                    }

                    if (frames.IsFrameKept)
                    {
                        // its memory is its own: it is hashed on another thread while the next is read into place
                        ReadOnlyMemory<byte> kept = frame;
                        former = Task.Run(() => ReceiveAsync(kept, keepFrame: true, cancellationToken).AsTask(), CancellationToken.None);
                    }
                    else if (!await ReceiveAsync(frame, keepFrame: false, cancellationToken).ConfigureAwait(false))
                    {
                        return;
                    }
                }

                if (!frames.IsAtBoundary && _options.Clock.GetElapsedTime(told) >= _options.ActivityInterval)
                {
                    // a large block on a slow line is not silence
                    told = _options.Clock.GetTimestamp();
                    await _loop.PostAsync((engine, now) => engine.PeerActivity(Peer, now), cancellationToken).ConfigureAwait(false);
                }
            }

            await former.ConfigureAwait(false);
            if (!frames.IsAtBoundary)
            {
                _log.StreamEndedInsideFrame(Peer);
                await TellBrokenAsync(PeerAnswerKind.Reset).ConfigureAwait(false);
            }
        }
        catch (WireException malformed)
        {
            _log.MalformedMessage(Peer, malformed.ErrorId, malformed.Message);
            stream.Reset();
            await TellBrokenAsync(malformed.ErrorId == WireException.MessageTooLarge ? PeerAnswerKind.TooBig : PeerAnswerKind.Malformed).ConfigureAwait(false);
        }
        catch (Exception end) when (end is IOException or BitswapException or OperationCanceledException)
        {
            _log.StreamEnded(Peer, end.Message);
            if (own?.IsResetHere != true && !cancellationToken.IsCancellationRequested)
            {
                await TellBrokenAsync(PeerAnswerKind.Reset).ConfigureAwait(false);
            }
        }
        finally
        {
            // whatever ended the stream, what had come whole is taken; its fault, if it has one, is the stream's own end come twice
            await ((Task)former).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What the stream was to bring is lost: the engine asks for it again.</summary>
    private async ValueTask TellBrokenAsync(PeerAnswerKind how) =>
        await _loop.PostAsync((engine, now) => engine.StreamBroke(Peer, how, now)).ConfigureAwait(false);

    private async ValueTask<bool> ReceiveAsync(ReadOnlyMemory<byte> frame, bool keepFrame, CancellationToken cancellationToken)
    {
        long size = frame.Length;
        await _gate.EnterAsync(size, cancellationToken).ConfigureAwait(false);
        bool posted = false;
        try
        {
            BitswapMessage message = MessageCodec.Decode(frame, _options.Wire, keepFrame);
            if (message.RejectedBlocks + message.OversizedBlocks > 0)
            {
                _log.BlocksLeftOut(Peer, message.RejectedBlocks, message.OversizedBlocks);
            }

            bool isToBeDecided = _asked is not null && (message.Full || message.Wantlist.Count > 0);
            posted = await _loop.PostAsync(
                (engine, now) =>
                {
                    Take(engine, message, isToBeDecided, now);
                    _gate.Release(size);
                },
                cancellationToken).ConfigureAwait(false);
            if (posted && isToBeDecided)
            {
                await _asked!.AddAsync(message, cancellationToken).ConfigureAwait(false);
            }

            return posted;
        }
        finally
        {
            if (!posted)
            {
                _gate.Release(size);
            }
        }
    }

    private void Take(BitswapEngine engine, BitswapMessage message, bool isToBeDecided, TimeSpan now)
    {
        _loop.Watch.MessageReceived(Peer, message);
        (long blocks, long bytes) = engine.Duplicates;
        if (isToBeDecided)
        {
            engine.ReceiveAnswers(Peer, message, now);
        }
        else
        {
            engine.Receive(Peer, message, now);
        }

        (long blocksNow, long bytesNow) = engine.Duplicates;
        _loop.Meters.Received(message, blocksNow - blocks, bytesNow - bytes);
    }
}

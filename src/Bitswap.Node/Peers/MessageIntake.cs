using Bitswap.Node.Core;
using Bitswap.Node.Engine;
using Bitswap.Protocol;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Peers;

/// <summary>
/// Takes in what one peer sends, over all its streams: reads frames, decodes them part by part, and gives the parts to the engine when it is the peer's turn. While the peer asks
/// faster than it may (<see cref="Allowance"/>), holds its share of the memory, or has enough waiting for its turn, its streams are read no further, so that their windows close.
/// </summary>
internal sealed class MessageIntake(PeerId peer, EngineLoop loop, PeerInbox inbox, ByteGate.Share share, AskQueue? asked, LinkOptions options, ILogger log)
{
    // a wantlist entry or a presence, decoded, with its CID
    private const int BytesPerEntry = 160;

    // what the engine does for a block, and for each so many bytes of one, takes as long as an entry
    private const int EntriesPerBlock = 2;
    private const int BlockBytesPerEntry = 64 * 1024;

    private const int PresencesPerEntry = 4;

    // a block that was not asked for costs its sender: a peer that sends nothing else is read at 4 MiB/s, and all such together at 16
    private const int UnwantedBytesPerEntry = 256;

    private static readonly Task<bool> _nothingBefore = Task.FromResult(true);

    private readonly FrameRoom.Share _room = options.Room.Open();
    private readonly Func<bool> _isRoomShort = () => options.Room.IsShort;

    /// <summary>How fast the peer may ask.</summary>
    public EntryAllowance Allowance { get; } = options.EntryRate.Open();

    /// <summary>Blocks went between the two, or the peer answered.</summary>
    public void Exchanged(long times)
    {
        Allowance.Earn(times);
        if (times > 0)
        {
            _room.IsKnown();
        }
    }

    /// <summary>The peer is asked for a block.</summary>
    public void IsAsked() => _room.IsKnown();

    /// <summary>Reads what a stream brings, until it ends.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="own">The same, when it is this side's; null for the peer's.</param>
    /// <param name="cancellationToken">The connection is gone.</param>
    public async Task ReadAsync(IPeerStream stream, OutboundStream? own, CancellationToken cancellationToken)
    {
        // messages are taken in their order: each waits for the one before
        Task<bool> former = _nothingBefore;
        FrameArrival? arriving = null;
        try
        {
            using FrameReader frames = new(options.Wire, options.Frames);
            long told = options.Clock.GetTimestamp();
            while (true)
            {
                if (frames.LargeFrameAhead > 0)
                {
                    // a peer that asks too fast waits here, where its message is not in memory yet
                    await Allowance.SpendAsync(0, cancellationToken).ConfigureAwait(false);
                    arriving = await _room.EnterAsync(frames.LargeFrameAhead, LinkOptions.TransferTime(frames.LargeFrameAhead), cancellationToken).ConfigureAwait(false);
                }

                int read = await stream.ReadAsync(frames.GetMemory(), arriving?.Token ?? cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                arriving?.Arrived(read);
                for (bool more = frames.TryAdvance(read, out ReadOnlyMemory<byte> frame); more; more = frames.TryReadNext(out frame))
                {
                    arriving?.IsWhole();
                    if (!await former.ConfigureAwait(false))
                    {
                        return;
                    }

                    FrameUse use = new(frame, options.Frames, arriving);
                    arriving = null;
                    if (frames.IsFrameKept)
                    {
                        // its memory is its own: it is hashed on another thread while the next is read into place
                        ReadOnlyMemory<byte> kept = frame;
                        former = Task.Run(() => ReceiveAsync(kept, use, keepFrame: true, cancellationToken).AsTask(), CancellationToken.None);
                    }
                    else if (!await ReceiveAsync(frame, use, keepFrame: false, cancellationToken).ConfigureAwait(false))
                    {
                        return;
                    }
                }

                if (!frames.IsAtBoundary && options.Clock.GetElapsedTime(told) >= options.ActivityInterval)
                {
                    // a large block on a slow line is not silence
                    told = options.Clock.GetTimestamp();
                    await inbox.PostAsync(1, (engine, now) => engine.PeerActivity(peer, now), cancellationToken).ConfigureAwait(false);
                }
            }

            await former.ConfigureAwait(false);
            if (!frames.IsAtBoundary)
            {
                log.StreamEndedInsideFrame(peer);
                await TellBrokenAsync(PeerAnswerKind.Reset).ConfigureAwait(false);
            }
        }
        catch (WireException malformed)
        {
            log.MalformedMessage(peer, malformed.ErrorId, malformed.Message);
            stream.Reset();
            await TellBrokenAsync(malformed.ErrorId == WireException.MessageTooLarge ? PeerAnswerKind.TooBig : PeerAnswerKind.Malformed).ConfigureAwait(false);
        }
        catch (Exception end) when (end is IOException or BitswapException or OperationCanceledException)
        {
            bool isLate = arriving?.IsLate == true && !cancellationToken.IsCancellationRequested;
            log.StreamEnded(peer, isLate ? $"A message came too slowly: {arriving!.BytesPerSecond:F0} bytes a second." : end.Message);
            if (isLate)
            {
                stream.Reset();
            }

            if (own?.IsResetHere != true && !cancellationToken.IsCancellationRequested)
            {
                await TellBrokenAsync(PeerAnswerKind.Reset).ConfigureAwait(false);
            }
        }
        finally
        {
            arriving?.Dispose();

            // whatever ended the stream, what had come whole is taken; its fault, if it has one, is the stream's own end come twice
            await ((Task)former).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What the stream was to bring is lost: the engine asks for it again.</summary>
    private async ValueTask TellBrokenAsync(PeerAnswerKind how) =>
        await inbox.PostAsync(1, (engine, now) => engine.StreamBroke(peer, how, now)).ConfigureAwait(false);

    private async ValueTask<bool> ReceiveAsync(ReadOnlyMemory<byte> frame, FrameUse use, bool keepFrame, CancellationToken cancellationToken)
    {
        try
        {
            MessageDecoder decoder = new(frame, options.Wire, keepFrame);
            int elements = decoder.Left;
            bool goesOn;
            do
            {
                // before anything of the part is in memory: a peer that asks too fast waits with its message still as it came, unless others need the room
                int next = Math.Min(decoder.Left, options.MaxPartElements);
                int entries = Math.Min(decoder.EntriesLeft, next);
                await Allowance.SpendAsync(entries, cancellationToken, _isRoomShort).ConfigureAwait(false);
                long size = (next == elements ? frame.Length : (long)frame.Length * next / elements) + ((long)entries * BytesPerEntry);
                await share.EnterAsync(size, cancellationToken).ConfigureAwait(false);
                goesOn = await PostPartAsync(decoder, use, size, cancellationToken).ConfigureAwait(false);
            }
            while (goesOn && decoder.Left > 0);
            return goesOn;
        }
        finally
        {
            use.Done();
        }
    }

    private async ValueTask<bool> PostPartAsync(MessageDecoder decoder, FrameUse use, long size, CancellationToken cancellationToken)
    {
        bool posted = false;
        use.Add();
        try
        {
            decoder.TryRead(options.MaxPartElements, out BitswapMessage? part);
            BitswapMessage message = part!;
            if (message.RejectedBlocks + message.OversizedBlocks > 0)
            {
                log.BlocksLeftOut(peer, message.RejectedBlocks, message.OversizedBlocks);
            }

            bool isToBeDecided = asked is not null && (message.Full || message.Wantlist.Count > 0 || message.IsContinuation);
            posted = await inbox.PostAsync(
                CostOf(message),
                (engine, now) =>
                {
                    if (Take(engine, message, isToBeDecided, now))
                    {
                        use.Keep();
                    }

                    use.Done();
                    share.Release(size);
                },
                cancellationToken).ConfigureAwait(false);
            if (posted && isToBeDecided)
            {
                await asked!.AddAsync(message, cancellationToken).ConfigureAwait(false);
            }

            return posted;
        }
        finally
        {
            if (!posted)
            {
                use.Done();
                share.Release(size);
            }
        }
    }

    /// <summary>Tells the engine of a part; true when it may keep blocks of it.</summary>
    private bool Take(BitswapEngine engine, BitswapMessage message, bool isToBeDecided, TimeSpan now)
    {
        loop.Watch.MessageReceived(peer, message);
        (long blocks, long bytes) = engine.Duplicates;
        long answers = engine.Answers;
        long unwanted = engine.UnwantedBytesOf(peer);
        long dropped = engine.DroppedBlocks;
        if (isToBeDecided)
        {
            engine.ReceiveAnswers(peer, message, now);
        }
        else
        {
            engine.Receive(peer, message, now);
        }

        (long blocksNow, long bytesNow) = engine.Duplicates;
        Exchanged(engine.Answers - answers);
        Allowance.Charge((engine.UnwantedBytesOf(peer) - unwanted) / UnwantedBytesPerEntry);
        loop.Meters.Received(message, blocksNow - blocks, bytesNow - bytes);
        return engine.DroppedBlocks - dropped < message.Blocks.Count;
    }

    /// <summary>What a message takes to deal with, in wantlist entries.</summary>
    private static int CostOf(BitswapMessage message)
    {
        long bytes = 0;
        foreach (Block block in message.Blocks)
        {
            bytes += block.Data.Length;
        }

        return 1 + message.Wantlist.Count + (message.Presences.Count / PresencesPerEntry) + (message.Blocks.Count * EntriesPerBlock) + (int)(bytes / BlockBytesPerEntry);
    }
}

using Bitswap.Node.Core;
using Bitswap.Node.Engine;
using Bitswap.Protocol;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Peers;

/// <summary>
/// Takes in what one peer sends, over all its streams: reads messages part by part, and gives the parts to the engine when it is the peer's turn. While the peer asks
/// faster than it may (<see cref="Allowance"/>), holds its share of the memory, or has enough waiting for its turn, its streams are read no further, so that their windows close.
/// </summary>
internal sealed class MessageIntake(PeerId peer, EngineLoop loop, PeerInbox inbox, ByteGate.Share share, FilterQueue? filterQueue, LinkOptions options, ILogger log)
{
    // A wantlist entry or a presence, decoded, with its CID.
    private const int BytesPerEntry = 160;

    // What the engine does for a block, and for each so many bytes of one, takes as long as an entry.
    private const int EntriesPerBlock = 2;
    private const int BlockBytesPerEntry = 64 * 1024;

    private const int PresencesPerEntry = 4;

    // A block that was not asked for costs its sender: a peer that sends nothing else is read at 4 MiB/s, and all such together at 16.
    private const int UnwantedBytesPerEntry = 256;

    private static readonly Task<bool> _nothingBefore = Task.FromResult(true);

    private readonly FrameRoom.Share _room = options.Room.Open();
    private readonly Func<bool> _isRoomShort = () => options.Room.IsShort;

    /// <summary>Gets how fast the peer may ask.</summary>
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

    /// <summary>Takes in what a stream brings, until it ends.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="own">The same, when it is this side's; null for the peer's.</param>
    /// <param name="cancellationToken">The connection is gone.</param>
    public async Task ReadAsync(IPeerStream stream, OutboundStream? own, CancellationToken cancellationToken)
    {
        // Messages are taken in their order: each waits for the one before.
        Task<bool> former = _nothingBefore;
        try
        {
            await foreach (IncomingMessage message in stream.ReadAsync(new Admission(this), cancellationToken).ConfigureAwait(false))
            {
                bool goesOn = await AwaitAsync(former, message).ConfigureAwait(false);
                if (goesOn && message.IsDetached)
                {
                    // Its memory is its own: it is hashed on another thread while the next is read into place.
                    former = Task.Run(() => ReceiveAsync(message, cancellationToken).AsTask(), CancellationToken.None);
                }
                else if (!goesOn || !await ReceiveAsync(message, cancellationToken).ConfigureAwait(false))
                {
                    return;
                }
            }

            await former.ConfigureAwait(false);
        }
        catch (WireException malformed)
        {
            log.MalformedMessage(peer, malformed.ErrorId, malformed.Message);
            stream.Reset();
            await TellBrokenAsync(malformed.ErrorId == WireException.MessageTooLarge ? PeerAnswerKind.TooBig : PeerAnswerKind.Malformed).ConfigureAwait(false);
        }
        catch (EndOfStreamException)
        {
            await ((Task)former).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            log.StreamEndedInsideFrame(peer);
            await TellBrokenAsync(PeerAnswerKind.Reset).ConfigureAwait(false);
        }
        catch (Exception end) when (end is IOException or BitswapException or OperationCanceledException or TimeoutException)
        {
            log.StreamEnded(peer, end.Message);
            if (end is TimeoutException)
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
            // Whatever ended the stream, what had come whole is taken; its fault, if it has one, is the stream's own end come twice.
            await ((Task)former).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async ValueTask<bool> AwaitAsync(Task<bool> former, IncomingMessage message)
    {
        bool goesOn = false;
        try
        {
            goesOn = await former.ConfigureAwait(false);
        }
        finally
        {
            if (!goesOn)
            {
                message.Done();
            }
        }

        return goesOn;
    }

    private TimeProvider Clock => options.Clock;

    private TimeSpan ActivityInterval => options.ActivityInterval;

    private async ValueTask TellActiveAsync(CancellationToken cancellationToken) =>
        await inbox.PostAsync(1, (engine, now) => engine.PeerActivity(peer, now), cancellationToken).ConfigureAwait(false);

    /// <summary>Tells the engine that what the stream was to bring is lost, so that it is asked for again.</summary>
    private async ValueTask TellBrokenAsync(PeerAnswerKind how) =>
        await inbox.PostAsync(1, (engine, now) => engine.StreamBroke(peer, how, now)).ConfigureAwait(false);

    private async ValueTask<bool> ReceiveAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        try
        {
            int elements = message.Left;
            bool goesOn;
            do
            {
                // Before anything of the part is in memory: a peer that asks too fast waits with its message still as it came, unless others need the room.
                int next = Math.Min(message.Left, options.MaxPartElements);
                int entries = Math.Min(message.EntriesLeft, next);
                await Allowance.SpendAsync(entries, cancellationToken, _isRoomShort).ConfigureAwait(false);
                long size = (next == elements ? message.Size : (long)message.Size * next / elements) + ((long)entries * BytesPerEntry);
                await share.EnterAsync(size, cancellationToken).ConfigureAwait(false);
                goesOn = await PostPartAsync(message, size, cancellationToken).ConfigureAwait(false);
            }
            while (goesOn && message.Left > 0);
            return goesOn;
        }
        finally
        {
            message.Done();
        }
    }

    private async ValueTask<bool> PostPartAsync(IncomingMessage whole, long size, CancellationToken cancellationToken)
    {
        bool posted = false;
        whole.AddUser();
        try
        {
            BitswapMessage message = whole.ReadPart(options.MaxPartElements);
            if (message.RejectedBlocks + message.OversizedBlocks > 0)
            {
                log.BlocksLeftOut(peer, message.RejectedBlocks, message.OversizedBlocks);
            }

            bool isToBeDecided = filterQueue is not null && (message.Full || message.Wantlist.Count > 0 || message.IsContinuation);
            posted = await inbox.PostAsync(
                CostOf(message),
                (engine, now) =>
                {
                    if (Take(engine, message, isToBeDecided, now))
                    {
                        whole.Keep();
                    }

                    whole.Done();
                    share.Release(size);
                },
                cancellationToken).ConfigureAwait(false);
            if (posted && isToBeDecided)
            {
                await filterQueue!.AddAsync(message, cancellationToken).ConfigureAwait(false);
            }

            return posted;
        }
        finally
        {
            if (!posted)
            {
                whole.Done();
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

    /// <summary>Returns the cost of a message, in wantlist entries.</summary>
    private static int CostOf(BitswapMessage message)
    {
        long bytes = 0;
        foreach (Block block in message.Blocks)
        {
            bytes += block.Data.Length;
        }

        return 1 + message.Wantlist.Count + (message.Presences.Count / PresencesPerEntry) + (message.Blocks.Count * EntriesPerBlock) + (int)(bytes / BlockBytesPerEntry);
    }

    /// <summary>Says when one stream may read on.</summary>
    private sealed class Admission(MessageIntake intake) : IMessageAdmission
    {
        private long _told = intake.Clock.GetTimestamp();

        public async ValueTask<IMessageRoom> ReserveAsync(int size, CancellationToken cancellationToken)
        {
            // A peer that asks too fast waits here, where its message is not in memory yet.
            await intake.Allowance.SpendAsync(0, cancellationToken).ConfigureAwait(false);
            return await intake._room.EnterAsync(size, MessageOptions.TransferTime(size), cancellationToken).ConfigureAwait(false);
        }

        public ValueTask ArrivingAsync(CancellationToken cancellationToken)
        {
            if (intake.Clock.GetElapsedTime(_told) < intake.ActivityInterval)
            {
                return ValueTask.CompletedTask;
            }

            // A large block on a slow line is not silence.
            _told = intake.Clock.GetTimestamp();
            return intake.TellActiveAsync(cancellationToken);
        }
    }
}

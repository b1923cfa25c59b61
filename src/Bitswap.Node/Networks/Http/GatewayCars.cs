using System.Threading.Channels;
using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Core;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Networks.Http;

/// <summary>
/// The CARs that one gateway is asked for. A want for the block that a walk begins with asks for the CAR of the walk in the place of that block; a want of the walk for a block below it waits for the CAR
/// to bring it. Where a CAR cannot be had, breaks off or comes in another order, the wants that wait for it are asked for one by one.
/// </summary>
/// <param name="address">The gateway.</param>
/// <param name="source">How far the source reaches that named it; null where a person did.</param>
/// <param name="share">What all gateways of a node share.</param>
/// <param name="health">Says whether it is to be left alone.</param>
/// <param name="handBack">Takes wants that are to be asked for one by one.</param>
/// <param name="judge">Takes an answer into account; with when it was asked for.</param>
internal sealed class GatewayCars(
    HttpAddress address, AddressScope? source, GatewayShare share, GatewayHealth health, Action<IReadOnlyList<WantlistEntry>> handBack, Action<GatewayAnswer, long> judge)
{
    // CARs in a row that are refused or break off before none is asked for any more.
    private const int MaxFailures = 3;

    private readonly Lock _lock = new();
    private readonly List<CarDownload> _downloads = [];
    private readonly RunningTasks _running = new();

    // Bounded by the bytes that the CARs may have in memory.
    private readonly Channel<GatewayMessage> _given = Channel.CreateUnbounded<GatewayMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource<(IMessageAdmission Admission, CancellationToken Over)> _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failures;
    private bool _givesNone;

    /// <summary>Gets whether one is under way, or holds blocks.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_lock)
            {
                return _downloads.Count > 0;
            }
        }
    }

    /// <summary>Takes a want; false where it is to be asked for by a request of its own.</summary>
    public bool TryTake(in WantlistEntry entry)
    {
        lock (_lock)
        {
            if (entry.Type != WantType.Block || (_downloads.Count == 0 && !share.Walks.Begins(entry.Cid.Hash)))
            {
                return false;
            }

            foreach (CarDownload download in _downloads)
            {
                if (download.TryTake(entry))
                {
                    return true;
                }
            }

            return TryStart(entry);
        }
    }

    /// <summary>Returns whether a block is held, so that it need not be asked for whether the gateway has it.</summary>
    public bool Has(Cid cid)
    {
        lock (_lock)
        {
            return _downloads.Exists(download => download.Hold.Has(cid.Hash));
        }
    }

    /// <summary>Takes a want away.</summary>
    public void Cancel(Cid cid)
    {
        lock (_lock)
        {
            _downloads.ForEach(download => download.Hold.Cancel(cid.Hash));
        }
    }

    /// <summary>Takes all wants away but these.</summary>
    public void CancelAllBut(IReadOnlySet<Cid> cids)
    {
        lock (_lock)
        {
            _downloads.ForEach(download => download.Hold.CancelAllBut(cids));
        }
    }

    /// <summary>The connection is over, also where nothing of it was ever read.</summary>
    public void Close() => _read.TrySetCanceled();

    /// <summary>Hands blocks that are wanted on, in their order, until it is over; then waits for what runs.</summary>
    /// <param name="answers">Where to.</param>
    /// <param name="admission">Hears that something comes.</param>
    /// <param name="over">The connection is gone.</param>
    public async Task RunAsync(ChannelWriter<GatewayMessage> answers, IMessageAdmission admission, CancellationToken over)
    {
        _read.TrySetResult((admission, over));
        try
        {
            await foreach (GatewayMessage message in _given.Reader.ReadAllAsync(over).ConfigureAwait(false))
            {
                try
                {
                    await answers.WriteAsync(message, over).ConfigureAwait(false);
                }
                catch
                {
                    message.Done();
                    throw;
                }
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The connection is gone.
        }
        finally
        {
            await _running.WhenAllAsync().ConfigureAwait(false);
            while (_given.Reader.TryRead(out GatewayMessage? left))
            {
                left.Done();
            }
        }
    }

    // Under the lock.
    private bool TryStart(in WantlistEntry entry)
    {
        if (_givesNone || health.Pause.Left > TimeSpan.Zero || !share.Gates.TryEnterForLong(address))
        {
            return false;
        }

        if (!share.Walks.TryTake(entry.Cid.Hash, out GraphWalk? walk))
        {
            share.Gates.Leave(address, isLong: true);
            return false;
        }

        CarDownload download = new(address, source, walk, share, message => _given.Writer.TryWrite(message));
        walk.Tell(download.Hold);
        bool waits = download.TryTake(entry);
        _downloads.Add(download);
        _running.Track(Task.Run(() => FetchAsync(download), CancellationToken.None));
        return waits;
    }

    private async Task FetchAsync(CarDownload download)
    {
        bool isAtGate = true;
        long begun = share.Messages.Clock.GetTimestamp();
        try
        {
            // A want may be quicker than the reader of what is answered.
            (IMessageAdmission admission, CancellationToken over) = await _read.Task.ConfigureAwait(false);
            using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(over, download.Walk.Ended);
            GatewayAnswer answer;
            bool goesOn;
            do
            {
                begun = share.Messages.Clock.GetTimestamp();
                answer = await download.RunAsync(admission, handBack, ends.Token).ConfigureAwait(false);
                goesOn = download.TryGoOn(answer);
                Note(download, answer, begun, goesOn);
                handBack(goesOn ? download.Hold.Resume() : []);
            }
            while (goesOn);
            share.Gates.Leave(address, isLong: true);
            isAtGate = false;

            // What came is verified, and ahead of the walk, also where the CAR broke off; one that was left is not what the walk reads.
            bool isOfUse = answer.Kind == GatewayAnswerKind.Failed || answer.Reason is null;
            handBack(download.Hold.End(keep: isOfUse));
            await download.Hold.DrainAsync(ends.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The walk is over, or the connection is gone.
        }
        catch (Exception failure) when (failure is not BitswapException { ErrorId: NodeErrorIds.NodeStopped })
        {
            // No want is lost without a word.
            Note(download, new GatewayAnswer(GatewayAnswerKind.Failed, failure.Message), begun);
            throw;
        }
        finally
        {
            if (isAtGate)
            {
                share.Gates.Leave(address, isLong: true);
            }

            lock (_lock)
            {
                _downloads.Remove(download);
            }

            download.Walk.Tell(null);
            handBack(download.Hold.End(keep: false));
            share.Walks.Done();
        }
    }

    private void Note(CarDownload download, GatewayAnswer answer, long begun, bool goesOn = false)
    {
        Cid root = download.Walk.Range.Root;
        share.Log.CarCame(address.PeerId, address.ToString(), root, download.Hold.Given, download.Came, answer.Reason ?? "all of it");
        if (answer.Kind is GatewayAnswerKind.Busy or GatewayAnswerKind.Failed)
        {
            share.Log.GatewayFailed(address.PeerId, address.ToString(), root, answer.Reason!);

            // One that breaks off after much has come is a gateway that works.
            judge(goesOn ? new GatewayAnswer(GatewayAnswerKind.Given) : answer, begun);
        }
        else if (answer.Kind == GatewayAnswerKind.Given)
        {
            judge(answer, begun);
        }

        lock (_lock)
        {
            // One that has no such root, or is busy, says nothing of CARs; and one that refuses may do so because of the root.
            _failures = !goesOn && answer.Kind is GatewayAnswerKind.Failed or GatewayAnswerKind.Refused ? _failures + 1 : 0;
            _givesNone |= download.IsWithoutCars || _failures >= MaxFailures;
        }
    }
}

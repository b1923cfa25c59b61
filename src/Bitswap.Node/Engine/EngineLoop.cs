using System.Threading.Channels;
using Bitswap.Node.Observability;
using Bitswap.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Bitswap.Node.Engine;

/// <summary>
/// The single-threaded owner of the engine. Everybody else posts an input; the loop applies it, drains the actions
/// that come of it, and sleeps until the next input or the engine's next deadline.
/// </summary>
/// <remarks>
/// Inputs that are there together are applied together before the drain, which is what makes a burst of wants one
/// message. The inbox is bounded: a poster waits. What peers send has an inbox a peer (<see cref="PeerInbox"/>), of which they take turns (<see cref="TurnOrder"/>), so that no peer
/// makes another, or the node itself, wait for all that it sends.
/// </remarks>
internal sealed class EngineLoop
{
    private readonly BitswapEngine _engine;
    private readonly TimeProvider _clock;
    private readonly Action<BitswapEngine, EngineAction> _perform;
    private readonly Channel<Action<BitswapEngine, TimeSpan>> _inbox;
    private readonly long _origin;
    private readonly ITimer _alarm;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan? _armedFor;

    /// <param name="engine">The engine; the loop owns it from now on.</param>
    /// <param name="clock">The clock that deadlines are measured by.</param>
    /// <param name="capacity">How many inputs may wait before a poster does.</param>
    /// <param name="perform">Carries out an action. Runs on the loop, so it returns at once; it may give the engine an answer directly.</param>
    public EngineLoop(BitswapEngine engine, TimeProvider clock, int capacity, Action<BitswapEngine, EngineAction> perform)
    {
        _engine = engine;
        _clock = clock;
        _perform = perform;
        _origin = clock.GetTimestamp();
        _inbox = Channel.CreateBounded<Action<BitswapEngine, TimeSpan>>(
            new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        Watch = new NodeWatch(clock, NullLogger.Instance);
        Meters = new NodeMeters(null);
        _alarm = clock.CreateTimer(static state => ((EngineLoop)state!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Gets the time the engine is told: since the loop was made.</summary>
    public TimeSpan Now => _clock.GetElapsedTime(_origin);

    /// <summary>Gets who is told of what happens on the loop.</summary>
    public NodeWatch Watch { get; init; }

    /// <summary>Gets where it is measured.</summary>
    public NodeMeters Meters { get; init; }

    /// <summary>Called on the loop whenever all actions that inputs led to have been carried out.</summary>
    public Action? Settled { get; init; }

    /// <summary>Gets the peers whose inputs wait. On the loop only.</summary>
    public TurnOrder Turns { get; } = new();

    /// <summary>Ends when nothing more is applied.</summary>
    public Task Completion => _ended.Task;

    /// <summary>Gets the scores of peers.</summary>
    public PeerScores Scores { get; } = new();

    /// <summary>Gets the graphs that peers fetch. On the loop only.</summary>
    public ServedGraphs Graphs { get; } = new();

    /// <summary>A message has been written. On the loop only.</summary>
    /// <param name="peer">To whom.</param>
    /// <param name="message">The message.</param>
    /// <param name="served">Its blocks.</param>
    /// <param name="took">How long it took.</param>
    public void NoteSent(PeerId peer, BitswapMessage message, IReadOnlyList<ServedBlock> served, TimeSpan took)
    {
        Meters.Sent(message, took);
        if (message.Blocks.Count > 0)
        {
            Scores.Served(peer);
            Graphs.Sent(peer, served, _clock.GetUtcNow());
        }
    }

    /// <summary>Gives the engine an input, waiting while the inbox is full. False when the loop has ended.</summary>
    public ValueTask<bool> PostAsync(Action<BitswapEngine, TimeSpan> input, CancellationToken cancellationToken = default) =>
        _inbox.Writer.TryWrite(input) ? ValueTask.FromResult(true) : PostSlowAsync(input, cancellationToken);

    /// <summary>Asks the engine something. </summary>
    /// <exception cref="BitswapException">The loop has ended: <c>NodeStopped</c>.</exception>
    public async ValueTask<T> AskAsync<T>(Func<BitswapEngine, T> question, CancellationToken cancellationToken)
    {
        TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!await PostAsync((engine, _) => answer.TrySetResult(question(engine)), cancellationToken).ConfigureAwait(false))
        {
            throw NodeErrors.Stopped();
        }

        // What was accepted is always applied: RunAsync drains the inbox before it ends.
        return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes no more inputs; <see cref="RunAsync"/> ends once those accepted are applied.</summary>
    public void Complete() => _inbox.Writer.TryComplete();

    /// <summary>Runs until <see cref="Complete"/>.</summary>
    public async Task RunAsync()
    {
        ChannelReader<Action<BitswapEngine, TimeSpan>> inbox = _inbox.Reader;
        try
        {
            while (!Turns.IsEmpty || await inbox.WaitToReadAsync().ConfigureAwait(false))
            {
                Step(inbox);
            }
        }
        finally
        {
            _inbox.Writer.TryComplete();
            _ended.TrySetResult();
            Meters.End();
            await _alarm.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Step(ChannelReader<Action<BitswapEngine, TimeSpan>> inbox)
    {
        const int Together = 64;
        const int CostTogether = 256;
        TimeSpan now = Now;
        for (int taken = 0; taken < Together && inbox.TryRead(out Action<BitswapEngine, TimeSpan>? input); taken++)
        {
            input(_engine, now);
        }

        for (int cost = 0; cost < CostTogether && Turns.TryTake(out PeerInput taken);)
        {
            taken.Apply(_engine, now);
            cost += taken.Cost;
        }

        if (_engine.NextDeadline is { } due && due <= now)
        {
            _engine.Tick(now);
        }

        while (_engine.TryDequeue(out EngineAction? action))
        {
            _perform(_engine, action);
        }

        Settled?.Invoke();
        Meters.Settled(_engine);
        Arm(now);
    }

    private void Arm(TimeSpan now)
    {
        if (_engine.NextDeadline == _armedFor)
        {
            return;
        }

        _armedFor = _engine.NextDeadline;
        TimeSpan wait = _armedFor is { } due ? Max(due - now, TimeSpan.FromMilliseconds(1)) : Timeout.InfiniteTimeSpan;
        _alarm.Change(wait, Timeout.InfiniteTimeSpan);
    }

    // A full inbox wakes the loop by itself, so an alarm that finds no room is not lost.
    private void Ring() => _inbox.Writer.TryWrite((_, _) => _armedFor = null);

    private async ValueTask<bool> PostSlowAsync(Action<BitswapEngine, TimeSpan> input, CancellationToken cancellationToken)
    {
        while (await _inbox.Writer.WaitToWriteAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_inbox.Writer.TryWrite(input))
            {
                return true;
            }
        }

        return false;
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}

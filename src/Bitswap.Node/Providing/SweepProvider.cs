using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Node.Core;
using Bitswap.Node.Repositories;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Providing;

/// <summary>
/// Announces the blocks of a node: what is new soon after it is added or pinned, and everything again once an interval, part after part of the space of keys. One lookup goes on at a time. What fails
/// is due again after a pause that doubles.
/// </summary>
internal sealed partial class SweepProvider : IAsyncDisposable
{
    /// <summary>Blocks that wait to be announced for the first time. Beyond it, the parts that they are in are due instead.</summary>
    public const int MaxNewBlocks = 16_384;

    /// <summary>Pins whose blocks wait. Beyond it, everything is due.</summary>
    public const int MaxNewPins = 1024;

    // Until a node that has just been started has found peers; names wait as long.
    private static readonly TimeSpan _startWait = TimeSpan.FromMinutes(1);

    // what is added at once shares its lookups
    private static readonly TimeSpan _gatherTime = TimeSpan.FromSeconds(1);

    // The time of day may be changed, and a machine may sleep: what is due is looked at this often at least. The list of blocks is no older, either.
    private static readonly TimeSpan _longestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan _firstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan _saveInterval = TimeSpan.FromSeconds(30);

    private readonly IProviderTarget _target;
    private readonly ProvidedBlocks _blocks;
    private readonly ProvideState _state;
    private readonly ProvideSchedule _schedule;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _streams;
    private readonly RunningTasks _running = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private readonly long _started;
    private readonly Lock _lock = new();

    // guarded by the lock, as the state is
    private readonly HashSet<Multihash> _new = [];
    private readonly Queue<Pin> _newPins = [];

    // parts with blocks that wait, or are being announced for the first time: one who begins again after this node has them as due
    private readonly HashSet<int> _pending = [];
    private bool _isPinPending;

    // parts with blocks that were not announced, and may not be in the list
    private readonly HashSet<int> _unlisted = [];
    private bool _isListStale;

    // blocks that were new and are due with their parts, until those are listed
    private int _retried;
    private long? _pausedAt;
    private TimeSpan _pause;
    private string? _failure;
    private bool _isRunning;
    private bool _isStopped;

    /// <param name="target">Where blocks are announced.</param>
    /// <param name="blocks">Which.</param>
    /// <param name="state">What was announced before.</param>
    /// <param name="options">How often, and how many peers at once.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="log">The log.</param>
    public SweepProvider(IProviderTarget target, ProvidedBlocks blocks, ProvideState state, RoutingOptions options, TimeProvider clock, ILogger log)
    {
        _target = target;
        _blocks = blocks;
        _state = state;
        _schedule = new ProvideSchedule(options.ProvideInterval, state.Epoch);
        _clock = clock;
        _log = log;
        _streams = new SemaphoreSlim(options.MaxProvideStreams, options.MaxProvideStreams);
        _started = _saved = clock.GetTimestamp();
        _timer = clock.CreateTimer(static self => ((SweepProvider)self!).Run(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_lock)
        {
            Arm();
        }
    }

    /// <summary>Gets which blocks are announced.</summary>
    public ProvideStrategy Strategy => _blocks.Strategy;

    /// <summary>Returns what it has done, and will do next.</summary>
    public ProvideStat Stat()
    {
        lock (_lock)
        {
            return new ProvideStat(
                Strategy, _count, _leftOut, _new.Count + _newPins.Count + _retried, _announced, _failed, _lookups, _state.SweepStarted, _state.SweepEnded, _clock.GetUtcNow() + Wait(), _failure);
        }
    }

    /// <summary>Announces a block soon.</summary>
    public void Announce(Multihash block)
    {
        int part = PartOf(block);
        lock (_lock)
        {
            if (_isStopped)
            {
                return;
            }

            if (_new.Count >= MaxNewBlocks)
            {
                MarkDue(part);
                return;
            }

            _pending.Add(part);
            if (_new.Add(block) && _new.Count + _newPins.Count == 1)
            {
                Arm();
            }
        }
    }

    /// <summary>Announces the blocks of a pin soon.</summary>
    public void Announce(Pin pin)
    {
        lock (_lock)
        {
            if (_isStopped)
            {
                return;
            }

            if (_newPins.Count >= MaxNewPins)
            {
                MarkAllDue();
                return;
            }

            _isPinPending = true;
            _newPins.Enqueue(pin);
            if (_new.Count + _newPins.Count == 1)
            {
                Arm();
            }
        }
    }

    /// <summary>Ends when nothing is under way.</summary>
    public Task WhenIdleAsync() => _running.WhenAllAsync();

    /// <summary>Announces no more; what is under way is given up, and is due when the node is started again.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isStopped = true;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await WhenIdleAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        Save();
        _streams.Dispose();
    }

    private static int PartOf(in Multihash block) => ProvideSchedule.PartOf(ProvideKeys.PlaceOf(block.Bytes));

    // under the lock, as what follows
    private void MarkDue(int part)
    {
        _state.Forget(part);
        _unlisted.Add(part);
        _isListStale = true;
    }

    private void MarkAllDue()
    {
        for (int part = 0; part < ProvideSchedule.Parts; part++)
        {
            MarkDue(part);
        }
    }

    private void Arm()
    {
        if (!_isRunning && !_isStopped)
        {
            TimeSpan wait = Wait();
            _timer.Change(wait > _longestWait ? _longestWait : wait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Returns how long nothing is to be announced, or tried again.</summary>
    private TimeSpan Wait()
    {
        TimeSpan pause = _pausedAt is { } at ? _pause - _clock.GetElapsedTime(at) : TimeSpan.Zero;
        TimeSpan wait = _new.Count + _newPins.Count > 0 ? _gatherTime : Longer(Next() - _clock.GetUtcNow(), _startWait - _clock.GetElapsedTime(_started));
        return Longer(Longer(wait, pause), TimeSpan.Zero);
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private DateTimeOffset Next()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        return Enumerable.Range(0, ProvideSchedule.Parts).Min(part => DueAt(part, now));
    }

    private DateTimeOffset DueAt(int part, DateTimeOffset now) => _state.AnnouncedAt(part, now) is { } at ? _schedule.DueAt(part, at) : now;

    private void Run()
    {
        lock (_lock)
        {
            if (_isRunning || _isStopped)
            {
                return;
            }

            _isRunning = true;
            _running.Track(RunAsync());
        }
    }

    private async Task RunAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        string? failure = null;
        Exception? fault = null;
        try
        {
            failure = await AnnounceDueAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node is stopping.
        }
        catch (BitswapException refused)
        {
            failure = refused.Message;
        }
        catch (Exception exception)
        {
            // A store may be anyone's code. The node goes on.
            (fault, failure) = (exception, exception.Message);
        }

        Save();
        TimeSpan pause;
        lock (_lock)
        {
            _isRunning = false;
            _failure = failure;
            _pausedAt = failure is null ? null : _clock.GetTimestamp();
            pause = _pause = failure is null ? TimeSpan.Zero : _pause == TimeSpan.Zero ? _firstPause : _pause * 2 < _longestPause ? _pause * 2 : _longestPause;
            Arm();
        }

        if (fault is not null)
        {
            _log.ProviderBroke(fault, pause);
        }
        else if (failure is not null)
        {
            _log.ProvideFailed(pause, failure);
        }
    }
}

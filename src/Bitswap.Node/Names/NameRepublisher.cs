using Bitswap.Node.Core;
using Bitswap.Node.Repositories;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Names;

/// <summary>
/// Publishes the names of a node again before their records expire, as Kubo does: each when it is due, a few at once, and what fails again after a while. What is due is read off
/// <see cref="PublishedNames"/>, so that a node that is started again goes on where it was.
/// </summary>
internal sealed class NameRepublisher : IAsyncDisposable
{
    // Kubo waits as long, until a node that has just been started has found peers.
    private static readonly TimeSpan _startWait = TimeSpan.FromMinutes(1);

    // The time of day may be changed, and a machine may sleep: what is due is looked at this often at least.
    private static readonly TimeSpan _longestWait = TimeSpan.FromHours(1);

    // For those who are given one record: as long as a lookup in the DHT takes by default, and as long again.
    private static readonly TimeSpan _putLimit = TimeSpan.FromMinutes(2);
    private const int AtOnce = 4;

    private readonly KeyStore _keys;
    private readonly PublishedNames _published;
    private readonly NamePublisher _publisher;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly RunningTasks _running = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly long _started;
    private readonly ITimer _timer;
    private bool _isRunning;
    private bool _isStopped;

    /// <param name="keys">The keys.</param>
    /// <param name="published">What was published.</param>
    /// <param name="publisher">Publishes it.</param>
    /// <param name="interval">How long after a name was published it is published again; more than 0.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="log">The log.</param>
    public NameRepublisher(KeyStore keys, PublishedNames published, NamePublisher publisher, TimeSpan interval, TimeProvider clock, ILogger log)
    {
        _keys = keys;
        _published = published;
        _publisher = publisher;
        _interval = interval;
        _clock = clock;
        _log = log;
        _started = clock.GetTimestamp();
        _timer = clock.CreateTimer(static self => ((NameRepublisher)self!).Run(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        published.Changed += Arm;
        Arm();
    }

    /// <summary>Ends when nothing is under way.</summary>
    public Task WhenIdleAsync() => _running.WhenAllAsync();

    /// <summary>Publishes no more; what is under way is given up.</summary>
    public async ValueTask DisposeAsync()
    {
        _published.Changed -= Arm;
        lock (_lock)
        {
            _isStopped = true;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await WhenIdleAsync().ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private void Arm()
    {
        lock (_lock)
        {
            if (_isRunning || _isStopped)
            {
                return;
            }

            IReadOnlyList<PublishedName> names = _published.List();
            _timer.Change(names.Count == 0 ? Timeout.InfiniteTimeSpan : WaitFor(names.Min(name => name.DueAt(_interval))), Timeout.InfiniteTimeSpan);
        }
    }

    private TimeSpan WaitFor(DateTimeOffset due)
    {
        TimeSpan start = _startWait - _clock.GetElapsedTime(_started);
        TimeSpan wait = due - _clock.GetUtcNow();
        wait = wait > start ? wait : start;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > _longestWait ? _longestWait : wait;
    }

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
        TimeSpan? pause = null;
        try
        {
            DateTimeOffset now = _clock.GetUtcNow();
            List<PublishedName> due = [.. _published.List().Where(name => name.DueAt(_interval) <= now).OrderBy(name => name.Record.Validity)];
            if (due.Count > 0)
            {
                Dictionary<PeerId, NamedKey> keys = _keys.Readable().ToDictionary(key => key.Key.PeerId);
                await Parallel.ForEachAsync(
                    due,
                    new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = _stopping.Token },
                    async (name, token) => await RepublishAsync(name, keys.GetValueOrDefault(name.Name), token).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node is stopping.
        }
        catch (Exception failure)
        {
            _log.RepublisherFailed(failure);
            pause = _longestWait;
        }
        finally
        {
            lock (_lock)
            {
                _isRunning = false;
                if (pause is { } wait && !_isStopped)
                {
                    _timer.Change(wait, Timeout.InfiniteTimeSpan);
                }
            }

            if (pause is null)
            {
                Arm();
            }
        }
    }

    private async Task RepublishAsync(PublishedName name, NamedKey? key, CancellationToken cancellationToken)
    {
        string text = IpnsName.TextOf(name.Name);
        try
        {
            if (key is null)
            {
                const string Missing = "its key is not there, or cannot be read.";
                _publisher.Fail(name.Name, Missing);
                Log(name.Name, text, Missing);
            }
            else if (await _publisher.RepublishAsync(key, _putLimit, cancellationToken).ConfigureAwait(false) is { } result)
            {
                _log.NameRepublished(text, result.Taken, result.Record.Validity.ToString());
            }
        }
        catch (BitswapException failure) when (failure.ErrorId is NodeErrorIds.NameNotPublished or NodeErrorIds.NoNameSource)
        {
            Log(name.Name, text, failure.Message);
        }
    }

    private void Log(PeerId name, string text, string why)
    {
        if (_published.Find(name) is { } now)
        {
            _log.NameRepublishFailed(text, now.Record.Validity.ToString(), now.DueAt(_interval).ToString("u", System.Globalization.CultureInfo.InvariantCulture), why);
        }
    }
}

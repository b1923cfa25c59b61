using System.Globalization;
using System.Runtime.InteropServices;

namespace Bitswap.Pipeline;

/// <summary>
/// A progress bar that shows up after a second, moves five times a second at most, and goes away when disposed. It tells how much is
/// done, how fast it goes, and how long the rest takes at that pace.
/// </summary>
/// <param name="sink">Where it shows.</param>
/// <param name="activity">What goes on, as a heading.</param>
/// <param name="clock">The time.</param>
/// <param name="unit">What the items are called, in the plural.</param>
internal sealed class ProgressMeter(IPipelineSink sink, string activity, TimeProvider clock, string unit = "blocks") : IDisposable
{
    private const int Samples = 32;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(200);
    private readonly long _started = clock.GetTimestamp();

    // what was done at the last updates: the recent pace, not that of an hour ago
    private readonly Queue<Sample> _recent = new(Samples);
    private long _shown;
    private long _moved = clock.GetTimestamp();
    private bool _visible;

    /// <summary>How often a wait looks how far the work is.</summary>
    public static TimeSpan Glance { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many items there are to do, as far as is known; 0 when it is not.</summary>
    public long Total { get; set; }

    /// <summary>How many bytes there are to do; 0 when it is not known. Where it is, the bar and the time left go by it.</summary>
    public long TotalBytes { get; set; }

    /// <summary>How many items are done.</summary>
    public long Done { get; private set; }

    /// <summary>How many bytes are done.</summary>
    public long Bytes { get; private set; }

    /// <summary>What is being done now, a file's name for one; null for nothing to tell.</summary>
    public string? Current { get; set; }

    /// <summary>Tells what the work waits for, shown when nothing was done for a second; null for nothing to tell.</summary>
    public Func<string?>? WaitsFor { get; init; }

    /// <summary>Counts an item that is done.</summary>
    /// <param name="bytes">Its bytes that <see cref="AddBytes"/> has not counted yet.</param>
    public void Add(long bytes)
    {
        MoveTo(Done + 1, Bytes + bytes);
    }

    /// <summary>Counts bytes of an item that goes on.</summary>
    /// <param name="bytes">How many more are done.</param>
    public void AddBytes(long bytes)
    {
        MoveTo(Done, Bytes + bytes);
    }

    /// <summary>Counts anew.</summary>
    /// <param name="done">How many items are done in all.</param>
    /// <param name="bytes">How many bytes are done in all.</param>
    public void MoveTo(long done, long bytes)
    {
        if (done != Done || bytes != Bytes)
        {
            (Done, Bytes) = (done, bytes);
            _moved = clock.GetTimestamp();
        }

        Update();
    }

    /// <summary>
    /// Waits until work has ended, and meanwhile shows how far it is. How it ended is for the caller to ask. Once it is stopped, work that does not heed that, as a call into
    /// a user's block store cannot, is let go after <see cref="PipelineThread.StopTime"/>: it ends by itself.
    /// </summary>
    /// <param name="work">The work, which runs beside the pipeline.</param>
    /// <param name="look">Looks how far it is, and tells the meter by <see cref="MoveTo"/>.</param>
    /// <param name="stop">Ends the wait; without it work is waited for however long it takes.</param>
    /// <exception cref="OperationCanceledException">The work goes on, and it was stopped.</exception>
    public void Follow(Task work, Action<ProgressMeter> look, CancellationToken stop = default)
    {
        while (!PipelineThread.Wait(work, Glance, stop))
        {
            if (stop.IsCancellationRequested && !PipelineThread.Wait(work, PipelineThread.StopTime, CancellationToken.None))
            {
                stop.ThrowIfCancellationRequested();
            }

            look(this);
        }
    }

    /// <summary>Shows where it is, when it is time to.</summary>
    public void Update()
    {
        TimeSpan elapsed = clock.GetElapsedTime(_started);
        if (elapsed < _patience || (_visible && clock.GetElapsedTime(_shown) < _pace))
        {
            return;
        }

        _visible = true;
        _shown = clock.GetTimestamp();
        Sample since = _recent.TryPeek(out Sample oldest) ? oldest : default;
        if (_recent.Count == Samples)
        {
            _recent.Dequeue();
        }

        _recent.Enqueue(new Sample(elapsed, Done, Bytes));
        double seconds = (elapsed - since.Elapsed).TotalSeconds;
        double bytesPerSecond = (Bytes - since.Bytes) / seconds;
        double itemsPerSecond = (Done - since.Done) / seconds;
        sink.WriteProgress(new ProgressReport(activity, Status(bytesPerSecond), Percent(), false)
        {
            SecondsLeft = SecondsLeft(bytesPerSecond, itemsPerSecond),
            Current = Current,
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_visible)
        {
            _visible = false;
            sink.WriteProgress(new ProgressReport(activity, "Done", 100, true));
        }
    }

    private int Percent()
    {
        double part = TotalBytes > 0 ? (double)Bytes / TotalBytes : Total > 0 ? (double)Done / Total : -1;

        // what grows while it is read may pass its total
        return part < 0 ? -1 : (int)(100 * Math.Min(part, 1));
    }

    private int SecondsLeft(double bytesPerSecond, double itemsPerSecond)
    {
        double left = TotalBytes > 0 ? Math.Max(TotalBytes - Bytes, 0) / bytesPerSecond
            : Total > 0 ? Math.Max(Total - Done, 0) / itemsPerSecond
            : -1;

        // nothing came recently: 0 / 0 and n / 0 are no times
        return left is >= 0 and < int.MaxValue ? (int)Math.Ceiling(left) : -1;
    }

    private string Status(double bytesPerSecond)
    {
        string? wait = clock.GetElapsedTime(_moved) < _patience ? null : WaitsFor?.Invoke();
        return wait is null ? Describe(bytesPerSecond)
            : Done == 0 && Bytes == 0 ? char.ToUpperInvariant(wait[0]) + wait[1..]
            : $"{Describe(bytesPerSecond)}; {wait}";
    }

    private string Describe(double bytesPerSecond)
    {
        string count = Total > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Done} of {Total} {unit}")
            : string.Create(CultureInfo.InvariantCulture, $"{Done} {unit}");
        string bytes = TotalBytes > 0 ? $"{ByteSize.Format(Bytes)} of {ByteSize.Format(TotalBytes)}" : ByteSize.Format(Bytes);
        return $"{count}, {bytes}, {ByteSize.Format((long)bytesPerSecond)}/s";
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Sample(TimeSpan Elapsed, long Done, long Bytes);
}

/// <summary>Counts what work beside the pipeline is done with. Thread-safe.</summary>
internal sealed class WorkCount
{
    private long _items;
    private long _bytes;

    /// <summary>Gets how many items are done.</summary>
    public long Items => Interlocked.Read(ref _items);

    /// <summary>Gets how many bytes are done.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Counts an item.</summary>
    public void Add(long bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Increment(ref _items);
    }
}

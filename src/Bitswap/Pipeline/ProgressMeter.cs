using System.Globalization;

namespace Bitswap.Pipeline;

/// <summary>A progress bar that shows up after a second, moves five times a second at most, and goes away when disposed.</summary>
internal sealed class ProgressMeter(IPipelineSink sink, string activity, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(200);
    private readonly long _started = clock.GetTimestamp();
    private long _shown;
    private bool _visible;

    /// <summary>How many items there are to do, as far as is known.</summary>
    public long Total { get; set; }

    /// <summary>How many items are done.</summary>
    public long Done { get; private set; }

    /// <summary>How many bytes have come.</summary>
    public long Bytes { get; private set; }

    /// <summary>Counts an item that is done.</summary>
    public void Add(long bytes)
    {
        Done++;
        Bytes += bytes;
        TimeSpan elapsed = clock.GetElapsedTime(_started);
        if (elapsed < _patience || (_visible && clock.GetElapsedTime(_shown) < _pace))
        {
            return;
        }

        _visible = true;
        _shown = clock.GetTimestamp();
        sink.WriteProgress(new ProgressReport(activity, Describe(elapsed), Total > 0 ? (int)(100 * Done / Total) : -1, false));
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

    private string Describe(TimeSpan elapsed)
    {
        string rate = ByteSize.Format((long)(Bytes / elapsed.TotalSeconds));
        return string.Create(CultureInfo.InvariantCulture, $"{Done} of {Total} blocks, {ByteSize.Format(Bytes)}, {rate}/s");
    }
}

using System.Diagnostics;
using Bitswap.Node;

namespace Bitswap.Peer;

/// <summary>One timed fetch of many blocks.</summary>
internal sealed class Fetch(NodeHost node, IReadOnlyList<Cid> cids, TimeSpan timeout)
{
    private const int ErrorsKept = 3;
    private readonly List<double> _milliseconds = new(cids.Count);
    private long _started;
    private long _last;

    public int Blocks { get; private set; }

    public long Bytes { get; private set; }

    public List<string> Errors { get; } = [];

    /// <summary>From the start to the last block.</summary>
    public double Seconds => Stopwatch.GetElapsedTime(_started, _last).TotalSeconds;

    /// <summary>Fetches, with this many wants at once.</summary>
    public async Task RunAsync(int atOnce)
    {
        WantOptions options = new() { Session = node.NewSession(), Timeout = timeout, FailFast = true, StoreOnly = true };
        _started = _last = Stopwatch.GetTimestamp();
        for (int from = 0; from < cids.Count; from += atOnce)
        {
            long asked = Stopwatch.GetTimestamp();
            NodeWant?[] wants = [.. await node.WantAsync([.. cids.Skip(from).Take(atOnce)], options)];
            for (int i = 0; i < wants.Length; i++)
            {
                await TakeAsync(wants[i]!, asked);

                // what has been taken is garbage from here on, so the getter's memory does not grow with the total
                wants[i] = null;
            }
        }

        _milliseconds.Sort();
    }

    /// <summary>A block's time from asked to there; null where none came.</summary>
    public double? Percentile(double part) =>
        _milliseconds.Count == 0 ? null : Math.Round(_milliseconds[(int)Math.Min(_milliseconds.Count - 1, _milliseconds.Count * part)], 3);

    private async Task TakeAsync(NodeWant want, long asked)
    {
        try
        {
            await want.Completion;
            _last = Stopwatch.GetTimestamp();
            _milliseconds.Add(Stopwatch.GetElapsedTime(asked, _last).TotalMilliseconds);
            Blocks++;
            Bytes += want.Size;
        }
        catch (BitswapException failure) when (Errors.Count < ErrorsKept)
        {
            Errors.Add($"{failure.ErrorId}: {failure.Message}");
        }
        catch (BitswapException)
        {
            // counted as missing; the first few tell why
        }
    }
}

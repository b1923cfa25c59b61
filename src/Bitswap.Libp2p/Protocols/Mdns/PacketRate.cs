using System.Net;

namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>Bounds how many packets are read on one link, and how many of one source, so that a flood of one leaves room for the others.</summary>
/// <param name="rate">Packets a second on the link, on the average; twice as many may come at once.</param>
/// <param name="now">The time.</param>
internal sealed class PacketRate(int rate, TimeSpan now)
{
    // one source has that part of the rate
    private const int Part = 4;

    private readonly Dictionary<IPAddress, Bucket> _sources = [];
    private Bucket _all = new(rate * 2, now);

    // Each source that is kept has had a packet read since it was full, which is 4 / rate seconds at the least: there are hardly more than packets that may come at once.
    private int MaxSources => rate * 2;

    private double SourceRate => (double)rate / Part;

    /// <summary>Gets how many sources are kept.</summary>
    public int Count => _sources.Count;

    /// <summary>Takes a packet in; false where it came too fast.</summary>
    /// <param name="source">Whom it is from; null where none has a share of its own.</param>
    /// <param name="at">When it came.</param>
    public bool TryTake(IPAddress? source, TimeSpan at)
    {
        _all = _all.Fill(rate, at);
        if (source is null)
        {
            return TryTake(ref _all);
        }
        Bucket own = _sources.TryGetValue(source, out Bucket known) ? known.Fill(SourceRate, at) : new Bucket(SourceRate * 2, at);
        if (!TryTake(ref own) || (_sources.Count >= MaxSources && !MakeRoom(source, at)) || !TryTake(ref _all))
        {
            return false;
        }
        _sources[source] = own;
        return true;
    }

    private static bool TryTake(ref Bucket bucket)
    {
        bool hasOne = bucket.Tokens >= 1;
        bucket = hasOne ? bucket with { Tokens = bucket.Tokens - 1 } : bucket;
        return hasOne;
    }

    // those that have their whole share again are as those that never came
    private bool MakeRoom(IPAddress source, TimeSpan at)
    {
        if (_sources.ContainsKey(source))
        {
            return true;
        }
        foreach (IPAddress rested in _sources.Where(pair => pair.Value.Fill(SourceRate, at).Tokens >= SourceRate * 2).Select(pair => pair.Key).ToArray())
        {
            _sources.Remove(rested);
        }
        return _sources.Count < MaxSources;
    }

    private readonly record struct Bucket(double Tokens, TimeSpan At)
    {
        // twice as many as a second brings may come at once
        public Bucket Fill(double rate, TimeSpan at) => new(Math.Min(rate * 2, Tokens + (rate * (at - At).TotalSeconds)), at);
    }
}

using System.Globalization;
using System.Text;

namespace Bitswap.Node.Routing;

/// <summary>The report of a search for the providers of one block: who was named, what became of each, and which sources failed. Thread-safe.</summary>
internal sealed class SearchReport
{
    /// <summary>A provider that is connected and speaks Bitswap.</summary>
    public const string Connected = "connected";

    /// <summary>A provider none of whose addresses answered.</summary>
    public const string Unreachable = "could not be reached";

    /// <summary>A provider that is connected and speaks no Bitswap.</summary>
    public const string NoBitswap = "without Bitswap";

    // A provider nothing has become of yet.
    private const string Untried = "not tried";

    // As many as one answer may name by default; the rest is counted together.
    private const int MaxPeers = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, string> _outcomes = [];
    private readonly List<(string Source, Exception Failure)> _failures = [];
    private readonly List<string> _silentSources = [];
    private readonly List<string> _asked = [];
    private readonly List<(Cid Cid, SearchReport Report)> _above = [];
    private int _more;
    private bool _isOver;

    /// <summary>Gets why a source failed, or several did; null when none has.</summary>
    public Exception? Failure
    {
        get
        {
            lock (_lock)
            {
                return _failures.Count switch
                {
                    0 => null,
                    1 => _failures[0].Failure,
                    _ => new AggregateException(_failures.Select(failed => failed.Failure)),
                };
            }
        }
    }

    /// <summary>Returns what the search has to say in the error of a want that ends without its block.</summary>
    public SearchAccount Account()
    {
        string? remedy;
        lock (_lock)
        {
            remedy = SearchRemedies.Of(_outcomes.Values.Concat(_above.SelectMany(above => above.Report.Outcomes())))
                ?? (_outcomes.Count == 0 && _failures is [(_, BitswapException { Remedy: { } advice })] ? advice : null);
        }

        return new SearchAccount(ToString(), remedy, Failure);
    }

    /// <summary>Notes that sources are asked, until each has ended.</summary>
    public void Asks(IEnumerable<IProviderSource> sources)
    {
        lock (_lock)
        {
            _asked.AddRange(sources.Select(source => source.Name));
        }
    }

    /// <summary>Notes that a source names a provider, of which nothing has become yet.</summary>
    public void Named(PeerId peer)
    {
        lock (_lock)
        {
            if (_outcomes.Count < MaxPeers)
            {
                _outcomes.TryAdd(peer, Untried);
            }
        }
    }

    /// <summary>Notes what became of a provider; a later word on it replaces the former.</summary>
    public void Add(PeerId peer, string outcome)
    {
        lock (_lock)
        {
            if (_outcomes.Count < MaxPeers || _outcomes.ContainsKey(peer))
            {
                _outcomes[peer] = outcome;
            }
            else
            {
                _more++;
            }
        }
    }

    /// <summary>Takes a provider out, in whose place others stand: the gateways that it turned out to be.</summary>
    public void Forget(PeerId peer)
    {
        lock (_lock)
        {
            _outcomes.Remove(peer);
        }
    }

    /// <summary>Notes that a source has ended, and why it failed, or null.</summary>
    public void Ended(IProviderSource source, ProviderTally tally, Exception? failure)
    {
        lock (_lock)
        {
            _asked.Remove(source.Name);
            if (failure is not null)
            {
                _failures.Add((source.Name, failure));
            }
            else if (tally.Providers == 0)
            {
                _silentSources.Add(source.Name);
            }
        }
    }

    /// <summary>Notes that the search is over: nothing more becomes of those named.</summary>
    public void End()
    {
        lock (_lock)
        {
            _asked.Clear();
            _isOver = true;
        }
    }

    /// <summary>Notes that a block above was searched for, too.</summary>
    public void Include(Cid ancestor, SearchReport report)
    {
        lock (_lock)
        {
            _above.Add((ancestor, report));
        }
    }

    /// <summary>Returns those named and what became of them, as <c>4 named: 1 QUIC, 2 HTTP, 1 without address</c>.</summary>
    public string Summary()
    {
        lock (_lock)
        {
            StringBuilder text = new();
            text.Append(CultureInfo.InvariantCulture, $"{_outcomes.Count + _more} named");
            string divider = ": ";
            foreach (IGrouping<string, string> group in _outcomes.Values.GroupBy(outcome => outcome).OrderBy(group => RankOf(group.Key)).ThenBy(group => group.Key, StringComparer.Ordinal))
            {
                string outcome = group.Key == Untried && !_isOver ? "not tried yet" : group.Key;
                text.Append(CultureInfo.InvariantCulture, $"{divider}{group.Count()} {outcome}");
                divider = ", ";
            }

            return text.ToString();
        }
    }

    /// <summary>
    /// Returns how far the search is, with those for blocks above: <c>looking for providers: 4 named: 1 QUIC, 3 not tried yet (asking the DHT)</c>; null once it is over and has
    /// connected no provider.
    /// </summary>
    public string? Progress()
    {
        SearchReport[] all;
        lock (_lock)
        {
            all = [this, .. _above.Select(above => above.Report)];
        }

        SearchReport furthest = all.MaxBy(report => report.Furthest())!;
        string[] asked = [.. all.SelectMany(report => report.Asked()).Distinct(StringComparer.Ordinal)];
        string? phase = asked.Length > 0 ? "looking for providers"
            : all.Any(report => report.IsConnecting()) ? "connecting to providers"
            : furthest.Furthest() == int.MaxValue ? "waiting for providers"
            : null;
        string named = furthest.Furthest() == 0 ? "" : $": {furthest.Summary()}";
        return phase is null ? null : $"{phase}{named}{(asked.Length == 0 ? "" : $" (asking {string.Join(", ", asked)})")}";
    }

    /// <summary>Returns all of it in sentences, for an error.</summary>
    public override string ToString()
    {
        (Cid Cid, SearchReport Report)[] above;
        List<string> sentences = [];
        List<string> failures = Failures();
        lock (_lock)
        {
            above = [.. _above];
            if (_outcomes.Count > 0)
            {
                sentences.Add($"Providers: {Summary()}.");
            }
            else if (_silentSources.Count > 0)
            {
                sentences.Add($"{string.Join(", ", _silentSources.Distinct(StringComparer.Ordinal))} named no provider.");
            }
        }

        foreach ((Cid cid, SearchReport report) in above)
        {
            sentences.Add($"Of {cid}, above it: {report.Summary()}.");
            failures.AddRange(report.Failures());
        }

        return string.Join(' ', sentences.Concat(failures.Distinct(StringComparer.Ordinal)));
    }

    private string[] Outcomes()
    {
        lock (_lock)
        {
            return [.. _outcomes.Values];
        }
    }

    // By which the report is chosen that tells most: how many are named, or more than any number once one is connected.
    private int Furthest()
    {
        lock (_lock)
        {
            return _outcomes.ContainsValue(Connected) ? int.MaxValue : _outcomes.Count;
        }
    }

    private string[] Asked()
    {
        lock (_lock)
        {
            return [.. _asked];
        }
    }

    private bool IsConnecting()
    {
        lock (_lock)
        {
            return !_isOver && _outcomes.ContainsValue(Untried);
        }
    }

    private List<string> Failures()
    {
        lock (_lock)
        {
            return [.. _failures.Select(failed => failed.Failure is BitswapException told ? told.Message : $"{failed.Source} failed: {failed.Failure.Message}")];
        }
    }

    // Those that came furthest first.
    private static int RankOf(string outcome) => outcome switch
    {
        Connected => 0,
        NoBitswap => 1,
        Unreachable => 2,
        Untried => 5,
        _ => outcome == ProviderObstacle.NoAddress.Name ? 4 : 3,
    };
}

/// <summary>The reports of the last searches, one a block, for the errors of wants that end without it. The oldest is forgotten first. Thread-safe.</summary>
internal sealed class SearchReports
{
    private const int MaxReports = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<Cid, SearchReport> _reports = [];
    private readonly Queue<Cid> _order = new();

    /// <summary>Returns a report of a search that begins, in place of the one before.</summary>
    public SearchReport Begin(Cid cid)
    {
        SearchReport report = new();
        lock (_lock)
        {
            if (!_reports.ContainsKey(cid))
            {
                _order.Enqueue(cid);
                if (_order.Count > MaxReports)
                {
                    _reports.Remove(_order.Dequeue());
                }
            }

            _reports[cid] = report;
        }

        return report;
    }

    /// <summary>Returns the last report of a block, or null.</summary>
    public SearchReport? Find(Cid cid)
    {
        lock (_lock)
        {
            return _reports.GetValueOrDefault(cid);
        }
    }
}

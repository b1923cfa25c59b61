using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Connections;

namespace Bitswap.Libp2p.Reachability;

/// <summary>
/// Puts together what is known of this host's addresses: where it listens, what peers report, and what those found who were asked to dial. Thread-safe; safe to read when the host
/// has stopped, too.
/// </summary>
internal sealed class OwnAddresses
{
    // of each kind; go-libp2p has 3 for each address that it listens on
    private const int MaxReported = 8;

    private readonly Lock _gate = new();
    private readonly ReachabilityOptions _options;
    private readonly PeerId _self;
    private readonly Func<IReadOnlyList<Multiaddr>> _listened;
    private readonly ObservedAddresses _observed;
    private readonly ReachabilityTracker _tracker;
    private Multiaddr[] _found = [];

    /// <summary>Begins without reports.</summary>
    /// <param name="options">When an address is believed.</param>
    /// <param name="clock">The time.</param>
    /// <param name="self">Who this host is.</param>
    /// <param name="listened">Where it listens, without peer ids.</param>
    /// <param name="splitsMachine">See <see cref="Libp2pOptions.SplitsMachine"/>.</param>
    public OwnAddresses(ReachabilityOptions options, TimeProvider clock, PeerId self, Func<IReadOnlyList<Multiaddr>> listened, bool splitsMachine)
    {
        _options = options;
        _self = self;
        _listened = listened;
        _observed = new ObservedAddresses(options, clock, splitsMachine);
        _tracker = new ReachabilityTracker(options, clock);
    }

    /// <summary>Gets or sets what is called when others are to be told other addresses; where a report or an answer has merely become too old, with the next of either.</summary>
    public Action? FoundChanged { get; set; }

    /// <summary>Gets or sets where the host is reached through relays, without its own peer id.</summary>
    public Func<IReadOnlyList<Multiaddr>> Relayed { get; set; } = static () => [];

    /// <summary>Gets or sets what is called when a peer has told something that may matter to what is checked.</summary>
    public Action? Heard { get; set; }

    /// <summary>Gets what others are told when they ask where this host is.</summary>
    public IReadOnlyList<Multiaddr> ForIdentify => [.. _listened(), .. Found(), .. Relayed()];

    /// <summary>Takes in what a peer has said of itself and of this host.</summary>
    public void Identified(Libp2pConnection connection)
    {
        if (Observation.Of(connection) is { } observation)
        {
            _observed.Add(observation);
        }
        Heard?.Invoke();
        Compare();
    }

    /// <summary>Notes that the host is reached through other relays than before.</summary>
    public void RelaysChanged() => FoundChanged?.Invoke();

    /// <summary>Notes that a connection has ended.</summary>
    public void Closed(Libp2pConnection connection) => _observed.Close(connection);

    /// <summary>Returns whom to ask about which address; null where nothing is to be asked now.</summary>
    public ReachabilityCheck? NextCheck(IReadOnlyList<AutoNatServer> servers)
    {
        _tracker.Track(Read().Where(own => own.Origin != AddressOrigin.Relayed && (own.Origin != AddressOrigin.Observed || own.Observers >= _options.MinObservers))
            .Select(own => own.Address.WithoutPeerId())
            .Where(address => AddressScopes.Of(address) >= _options.NearestChecked));
        return _tracker.Next(servers);
    }

    /// <summary>Takes in what became of a check.</summary>
    public void Complete(ReachabilityCheck check, CheckOutcome outcome)
    {
        _tracker.Complete(check, outcome);
        Compare();
    }

    /// <summary>Returns all addresses with what is known of them, those that this host listens on first.</summary>
    public IReadOnlyList<OwnAddress> Read()
    {
        IReadOnlyList<(Multiaddr Address, int Observers)> reported = _observed.Read();
        Dictionary<Multiaddr, int> dialled = reported.Where(report => !IsBare(report.Address)).ToDictionary(report => report.Address, report => report.Observers);
        IReadOnlyList<Multiaddr> listened = _listened();
        IEnumerable<OwnAddress> all =
        [
            .. listened.Select(address => Describe(address, AddressOrigin.Listening, dialled.GetValueOrDefault(address))),
            .. dialled.OrderByDescending(pair => pair.Value).Select(pair => Describe(pair.Key, AddressOrigin.Observed, pair.Value)).Where(own => !listened.Contains(own.Address.WithoutPeerId())).Take(MaxReported),
            .. reported.Where(report => IsBare(report.Address) && report.Observers >= _options.MinObservers).SelectMany(report => Derive(report.Address, listened)
                .Select(address => Describe(address, AddressOrigin.Derived, report.Observers))).Take(MaxReported),
            .. Relayed().Select(address => new OwnAddress(address.WithPeerId(_self), AddressOrigin.Relayed)),
        ];
        return [.. all.DistinctBy(own => own.Address)];
    }

    // the host's own address where the port is mapped to the same one, or where the system has one address and the world sees another
    private static IEnumerable<Multiaddr> Derive(Multiaddr ip, IReadOnlyList<Multiaddr> listened) => listened
        .Where(address => address.Components is [{ } own, { Protocol: "tcp" }, ..] && own.Protocol == ip.Components[0].Protocol && AddressScopes.Of(address) > AddressScope.Machine)
        .Select(address => Multiaddr.Parse(string.Concat([ip.Components[0], .. address.Components.Skip(1)])));

    private static bool IsBare(Multiaddr address) => address.Components.Count == 1;

    private OwnAddress Describe(Multiaddr address, AddressOrigin origin, int observers)
    {
        ReachabilityVerdict verdict = _tracker.Of(address);
        bool isObserved = origin != AddressOrigin.Derived && observers >= _options.MinObservers;
        return new OwnAddress(address.WithPeerId(_self), origin)
        {
            // those who say that they came in that way, and those who say that they could not, cancel each other
            State = (verdict.State, isObserved) switch
            {
                (AddressState.Refuted, true) => AddressState.Unknown,
                (AddressState.Unknown, true) => AddressState.Confirmed,
                _ => verdict.State,
            },
            Observers = observers,
            Reached = verdict.Reached,
            Failed = verdict.Failed,
            Checked = verdict.Checked,
        };
    }

    // beyond where it listens
    private Multiaddr[] Found() => [.. Read().Where(own => own.Origin is AddressOrigin.Observed or AddressOrigin.Derived && own.State == AddressState.Confirmed).Select(own => own.Address.WithoutPeerId())];

    private void Compare()
    {
        Multiaddr[] found = Found();
        lock (_gate)
        {
            if (found.SequenceEqual(_found))
            {
                return;
            }
            _found = found;
        }
        FoundChanged?.Invoke();
    }
}

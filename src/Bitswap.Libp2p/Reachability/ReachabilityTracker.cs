using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Reachability;

/// <summary>
/// Decides which address a server is asked to dial next, and what follows from the answers; without input or output (go-libp2p, addrs_reachability_tracker.go). Of each network
/// the latest answer counts, so that no single party confirms or refutes an address. Thread-safe.
/// </summary>
internal sealed class ReachabilityTracker(ReachabilityOptions options, TimeProvider clock)
{
    // answers beyond the confidence: one more agrees, and one that is wrong does not change the verdict (go-libp2p, maxRecentDialsWindow)
    private const int Spare = 3;
    private const int MaxRefusals = 5;

    // answers count for so many intervals (go-libp2p, maxProbeResultTTL)
    private const int Lifetimes = 5;

    private readonly Lock _gate = new();
    private readonly Dictionary<Multiaddr, CheckedAddress> _addresses = [];
    private readonly Dictionary<IPNetwork, Rest> _pauses = [];

    private int Target => options.MinConfidence + 1;

    /// <summary>Checks these addresses from now on, the first of them if they are too many, and forgets the others.</summary>
    public void Track(IEnumerable<Multiaddr> addresses)
    {
        lock (_gate)
        {
            HashSet<Multiaddr> wanted = [.. addresses.Distinct().Take(options.MaxCheckedAddresses)];
            foreach (Multiaddr gone in _addresses.Keys.Where(address => !wanted.Contains(address)).ToArray())
            {
                _addresses.Remove(gone);
            }
            foreach (Multiaddr address in wanted)
            {
                _addresses.TryAdd(address, new CheckedAddress());
            }
        }
    }

    /// <summary>
    /// Returns whom to ask about which address; null where nothing is to be asked now. A server is asked that is at least as far away as the address reaches: one in this host's own
    /// network would not tell what the world sees.
    /// </summary>
    public ReachabilityCheck? Next(IReadOnlyList<AutoNatServer> servers)
    {
        lock (_gate)
        {
            foreach (IPNetwork over in _pauses.Where(pair => pair.Value.IsOver(clock)).Select(pair => pair.Key).ToArray())
            {
                _pauses.Remove(over);
            }

            // who was asked about longest ago comes first
            foreach ((Multiaddr address, CheckedAddress status) in _addresses.OrderBy(pair => pair.Value.Asked ?? long.MinValue).ThenBy(pair => pair.Key))
            {
                Expire(status);
                if (!IsDue(status))
                {
                    continue;
                }
                AddressScope reach = AddressScopes.Of(address);
                foreach (AutoNatServer server in servers)
                {
                    if (server.Reach >= reach
                        && !_pauses.ContainsKey(server.Network)
                        && (!status.Answers.TryGetValue(server.Network, out DialAnswer? answer) || clock.GetElapsedTime(answer.At) >= options.CheckInterval))
                    {
                        status.Asked = clock.GetTimestamp();
                        return new ReachabilityCheck(address, server);
                    }
                }
            }
            return null;
        }
    }

    /// <summary>Takes in what became of a check.</summary>
    public void Complete(ReachabilityCheck check, CheckOutcome outcome)
    {
        lock (_gate)
        {
            bool isAnswer = outcome is CheckOutcome.Reached or CheckOutcome.NotReached or CheckOutcome.Refused;
            _pauses[check.Server.Network] = new Rest(clock.GetTimestamp(), isAnswer ? options.ServerPause : options.FailurePause);
            if (!_addresses.TryGetValue(check.Address, out CheckedAddress? status))
            {
                return;
            }
            if (outcome == CheckOutcome.Refused)
            {
                // servers without IPv6 or WebSockets refuse, and say nothing about the address
                status.Refusals++;
                return;
            }
            if (!isAnswer)
            {
                return;
            }
            status.Refusals = 0;
            status.Answers[check.Server.Network] = new DialAnswer(outcome == CheckOutcome.Reached, clock.GetTimestamp(), clock.GetUtcNow());
            while (status.Answers.Count > options.MinConfidence + Spare)
            {
                status.Answers.Remove(status.Answers.MinBy(pair => pair.Value.At).Key);
            }
        }
    }

    /// <summary>Returns what is known of an address.</summary>
    public ReachabilityVerdict Of(Multiaddr address)
    {
        lock (_gate)
        {
            if (!_addresses.TryGetValue(address, out CheckedAddress? status))
            {
                return default;
            }
            Expire(status);
            int reached = status.Reached;
            int failed = status.Answers.Count - reached;
            return new ReachabilityVerdict(
                reached - failed >= options.MinConfidence ? AddressState.Confirmed : failed - reached >= options.MinConfidence ? AddressState.Refuted : AddressState.Unknown,
                reached,
                failed,
                status.Latest?.Time);
        }
    }

    private bool IsDue(CheckedAddress status)
    {
        if (status.Refusals >= MaxRefusals)
        {
            if (clock.GetElapsedTime(status.Asked ?? 0) < options.FailurePause)
            {
                return false;
            }
            status.Refusals = 0;
        }
        int lead = (2 * status.Reached) - status.Answers.Count;
        return Math.Abs(lead) < Target
            || status.Latest is not { } latest
            || clock.GetElapsedTime(latest.At) >= options.CheckInterval
            || latest.IsReached != lead > 0;
    }

    private void Expire(CheckedAddress status)
    {
        foreach (IPNetwork old in status.Answers.Where(pair => clock.GetElapsedTime(pair.Value.At) >= Lifetimes * options.CheckInterval).Select(pair => pair.Key).ToArray())
        {
            status.Answers.Remove(old);
        }
    }

    private sealed class CheckedAddress
    {
        public Dictionary<IPNetwork, DialAnswer> Answers { get; } = [];

        public int Refusals { get; set; }

        public long? Asked { get; set; }

        public int Reached => Answers.Values.Count(answer => answer.IsReached);

        public DialAnswer? Latest => Answers.Values.MaxBy(answer => answer.At);
    }

    private sealed record DialAnswer(bool IsReached, long At, DateTimeOffset Time);

    private readonly record struct Rest(long Since, TimeSpan Length)
    {
        public bool IsOver(TimeProvider clock) => clock.GetElapsedTime(Since) >= Length;
    }
}

/// <summary>Represents a peer that can be asked.</summary>
/// <param name="Peer">Who.</param>
/// <param name="Network">The network that its address is in; all servers of one count as one.</param>
/// <param name="Reach">How far its address reaches.</param>
internal sealed record AutoNatServer(PeerId Peer, IPNetwork Network, AddressScope Reach);

/// <summary>Represents a question: can this server dial that address of ours?</summary>
internal sealed record ReachabilityCheck(Multiaddr Address, AutoNatServer Server);

/// <summary>Represents what is known of an address from those who were asked to dial it.</summary>
/// <param name="State">What follows.</param>
/// <param name="Reached">Networks whose server reached this host.</param>
/// <param name="Failed">Networks whose server did not.</param>
/// <param name="Checked">When the last of them tried; null where none did lately.</param>
internal readonly record struct ReachabilityVerdict(AddressState State, int Reached, int Failed, DateTimeOffset? Checked);

/// <summary>Specifies what came of a check.</summary>
internal enum CheckOutcome
{
    /// <summary>The server dialled, and its connection brought the number that it was given.</summary>
    Reached,

    /// <summary>The server dialled and did not get through.</summary>
    NotReached,

    /// <summary>The server does not dial such an address.</summary>
    Refused,

    /// <summary>The server did not serve the request, did not answer, or contradicted what was seen.</summary>
    Failed,
}

using System.Globalization;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Routing;

/// <summary>
/// Looks up the addresses of peers that a record names without any that can be dialled. All sources are asked at once, until one knows an address that can
/// be. A peer is looked up once for all who ask within <see cref="RoutingOptions.PeerLookupMemory"/>; how many at once, and for how long, is bounded, too. Thread-safe.
/// </summary>
/// <param name="sources">Who is asked now.</param>
/// <param name="options">The limits.</param>
/// <param name="clock">The clock of every wait.</param>
internal sealed class PeerLookups(Func<IReadOnlyList<IProviderSource>> sources, RoutingOptions options, TimeProvider clock) : IDisposable
{
    /// <summary>How many peers are remembered, the first forgotten first.</summary>
    private const int MaxRemembered = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<PeerId, Lookup> _lookups = [];
    private readonly Queue<PeerId> _order = new();
    private readonly SemaphoreSlim _turns = new(options.MaxPeerLookups, options.MaxPeerLookups);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Looks up a peer's addresses at the sources.</summary>
    /// <param name="peer">Who is looked for.</param>
    /// <param name="cancellationToken">Ends the wait; the lookup goes on for others.</param>
    public Task<PeerLookup> FindAsync(PeerId peer, CancellationToken cancellationToken)
    {
        Lookup? lookup;
        lock (_lock)
        {
            if (!_lookups.TryGetValue(peer, out lookup) || (lookup.Task.IsCompleted && clock.GetElapsedTime(lookup.Begun) >= options.PeerLookupMemory))
            {
                lookup = new Lookup(Task.Run(() => LookUpAsync(peer)), clock.GetTimestamp());
                Remember(peer, lookup);
            }
        }

        return lookup.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Cancel();

    private void Remember(PeerId peer, Lookup lookup)
    {
        if (!_lookups.ContainsKey(peer))
        {
            _order.Enqueue(peer);
            if (_order.Count > MaxRemembered)
            {
                _lookups.Remove(_order.Dequeue());
            }
        }

        _lookups[peer] = lookup;
    }

    private async Task<PeerLookup> LookUpAsync(PeerId peer)
    {
        List<Multiaddr> addresses = [];
        List<string> failures = [];
        AddressScope reach = AddressScope.Nowhere;
        bool hasRefused = false;
        using CancellationTokenSource late = new(options.PeerLookupTimeout, clock);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stopping.Token);
        bool hasTurn = false;
        try
        {
            await _turns.WaitAsync(over.Token).ConfigureAwait(false);
            hasTurn = true;
            List<Task<(FoundProvider?, string?)>> asked = [.. sources().Select(source => AskAsync(source, peer, over.Token))];
            while (asked.Count > 0)
            {
                Task<(FoundProvider?, string?)> answered = await Task.WhenAny(asked).ConfigureAwait(false);
                asked.Remove(answered);
                (FoundProvider? told, string? failure) = await answered.ConfigureAwait(false);
                if (told is not null)
                {
                    addresses.AddRange(told.Addresses.Except(addresses).Take(options.MaxProviderAddresses - addresses.Count));
                    reach = told.Reach > reach ? told.Reach : reach;
                    hasRefused |= told.HasRefused;
                }

                if (failure is not null)
                {
                    failures.Add(failure);
                }

                if (addresses.Exists(AddressTransports.IsDialable))
                {
                    // The others need not go on.
                    await over.CancelAsync().ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            failures.Add("no turn came in time.");
        }
        finally
        {
            if (hasTurn)
            {
                _turns.Release();
            }
        }

        return new PeerLookup(addresses, reach, hasRefused, failures.Count == 0 ? null : string.Join(' ', failures));
    }

    private async Task<(FoundProvider? Found, string? Failure)> AskAsync(IProviderSource source, PeerId peer, CancellationToken cancellationToken)
    {
        try
        {
            return (await source.FindPeerAsync(peer, cancellationToken).ConfigureAwait(false), null);
        }
        catch (BitswapException failure)
        {
            return (null, failure.Message);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (null, string.Create(CultureInfo.InvariantCulture, $"{source.Name} did not answer within {options.PeerLookupTimeout.TotalSeconds:0.###} seconds."));
        }
    }

    private sealed record Lookup(Task<PeerLookup> Task, long Begun);
}

/// <summary>The addresses of a peer that sources know.</summary>
/// <param name="Addresses">The addresses, each ending with its id; empty when none was found.</param>
/// <param name="Reach">How far the sources' own addresses reach; that of the farthest.</param>
/// <param name="HasRefused">Whether they gave others, which are not allowed.</param>
/// <param name="Failure">Why sources could not be asked, or null.</param>
internal sealed record PeerLookup(IReadOnlyList<Multiaddr> Addresses, AddressScope Reach, bool HasRefused, string? Failure)
{
    /// <summary>Returns it as a provider that a source names.</summary>
    public FoundProvider ToFound(PeerId peer) => new(peer, Addresses, ProviderSourceKind.Delegated, []) { Reach = Reach, HasRefused = HasRefused };
}

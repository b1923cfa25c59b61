using System.Net;
using System.Net.Sockets;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>
/// Races the addresses of one peer. An attempt is the whole way to <typeparamref name="T"/>, the secured connection, so that a wrong
/// server that answers quickly does not keep the right one from being reached.
/// </summary>
internal sealed class TcpDialer<T>
{
    private readonly Libp2pOptions _options;
    private readonly AddressResolver _resolver;
    private readonly DnsAddrResolver _dnsAddresses;
    private readonly Func<DialTarget, PeerId?, CancellationToken, Task<T>> _connect;
    private readonly Func<RelayedAddress, DialTerms?, int, CancellationToken, Task<T>> _connectRelayed;
    private readonly Func<T, ValueTask> _discard;
    private readonly DialBudget _budget;
    private readonly ILogger _logger;

    /// <summary>Makes a dialer.</summary>
    /// <param name="options">Its limits, clock and timeouts.</param>
    /// <param name="resolver">Looks up names of hosts.</param>
    /// <param name="dnsAddresses">Looks up names that stand for addresses.</param>
    /// <param name="connect">Makes one connection and secures it.</param>
    /// <param name="connectRelayed">Makes one through a relay, at which so many addresses are tried at most.</param>
    /// <param name="discard">Disposes what came second.</param>
    /// <param name="logger">Where each failure is told.</param>
    public TcpDialer(
        Libp2pOptions options,
        AddressResolver resolver,
        DnsAddrResolver dnsAddresses,
        Func<DialTarget, PeerId?, CancellationToken, Task<T>> connect,
        Func<RelayedAddress, DialTerms?, int, CancellationToken, Task<T>> connectRelayed,
        Func<T, ValueTask> discard,
        ILogger logger)
    {
        _options = options;
        _resolver = resolver;
        _dnsAddresses = dnsAddresses;
        _connect = connect;
        _connectRelayed = connectRelayed;
        _discard = discard;
        _budget = new DialBudget(options);
        _logger = logger;
    }

    /// <summary>Opens a socket.</summary>
    public static async Task<Socket> ConnectSocketAsync(IPEndPoint endPoint, CancellationToken ct)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endPoint, ct).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects to the first of <paramref name="addresses"/> that works.</summary>
    /// <param name="addresses">Where.</param>
    /// <param name="peer">Who is to answer, or null.</param>
    /// <param name="terms">On what terms, where the caller does not answer for the addresses.</param>
    /// <param name="ct">Ends the dial.</param>
    /// <exception cref="Libp2pException">None did; the message has a line for each.</exception>
    public Task<T> DialAsync(IReadOnlyList<Multiaddr> addresses, PeerId? peer, DialTerms? terms, CancellationToken ct) =>
        DialAsync(addresses, peer, terms, new Bounds(MaxAttempts(terms), IsRelay: false), ct);

    /// <summary>Connects to a relay, over no other: what its names stand for is bounded as its addresses are.</summary>
    /// <param name="addresses">Where.</param>
    /// <param name="relay">Who is to answer.</param>
    /// <param name="terms">On what terms, where the caller does not answer for the addresses.</param>
    /// <param name="maxAttempts">How many addresses are tried at most: what is left of those of the dial that leads over it.</param>
    /// <param name="ct">Ends the dial.</param>
    /// <exception cref="Libp2pException">None did; the message has a line for each.</exception>
    public Task<T> DialRelayAsync(IReadOnlyList<Multiaddr> addresses, PeerId? relay, DialTerms? terms, int maxAttempts, CancellationToken ct) =>
        DialAsync(addresses, relay, terms, new Bounds(Math.Min(MaxAttempts(terms), maxAttempts), IsRelay: true), ct);

    private int MaxAttempts(DialTerms? terms) => Math.Min(_options.MaxAddressesPerDial, terms?.MaxAttempts ?? int.MaxValue);

    private async Task<T> DialAsync(IReadOnlyList<Multiaddr> addresses, PeerId? peer, DialTerms? terms, Bounds bounds, CancellationToken ct)
    {
        int max = bounds.MaxAttempts;
        List<DialFailure> failures = [];
        List<DialTarget> literals = [];
        List<Multiaddr> names = [];
        List<RelayedAddress> relayed = [];
        foreach (Multiaddr address in addresses.Take(max))
        {
            try
            {
                if (RelayedAddress.TryParse(address, out RelayedAddress? behind))
                {
                    relayed.Add(bounds.IsRelay
                        ? throw new Libp2pException(Libp2pErrorIds.UnsupportedAddress, "not tried: it leads over a relay, and a relay is dialled directly.")
                        : behind);
                }
                else if (AddressResolver.ParseLiteral(address) is { } literal)
                {
                    literals.Add(literal);
                }
                else
                {
                    names.Add(address);
                }
            }
            catch (Libp2pException error)
            {
                failures.Add(new DialFailure(address.ToString(), error, RelayedAddress.NamesNoPeer(address) ? null : AddressTransports.ForeignNameOf(address)));
            }
        }
        foreach (Multiaddr address in addresses.Skip(max))
        {
            failures.Add(new DialFailure(address.ToString(), new Libp2pException(
                Libp2pErrorIds.LimitExceeded,
                terms?.MaxAttempts == max ? $"not tried: of the addresses that others give, {max} are tried."
                    : max == _options.MaxAddressesPerDial ? $"not tried: over {nameof(Libp2pOptions.MaxAddressesPerDial)} ({max})."
                    : $"not tried: {max} are left of the addresses that are tried for one peer.")));
        }

        List<DialTarget> ordered = AddressOrder.Interleave(literals);
        // what is behind a name or a relay shares what the literals leave
        int share = Math.Max(1, (max - ordered.Count) / Math.Max(1, names.Count + relayed.Count));
        int direct = ordered.Count + names.Count;
        using HeadStart headStart = new(direct, _options.Relay.RelayDialDelay, _options.Clock);
        RaceResult<T> race = await DialRace.RunAsync(
            direct + relayed.Count,
            (index, token) => index < ordered.Count ? headStart.RunAsync(AttemptAsync(ordered[index], peer, terms, token))
                : index < direct ? headStart.RunAsync(DialNameAsync(names[index - ordered.Count], peer, terms, bounds with { MaxAttempts = share }, token))
                : DialRelayedAsync(relayed[index - direct], terms, share, headStart, token),
            _discard,
            _options.ConnectionAttemptDelay,
            _options.Clock,
            ct).ConfigureAwait(false);
        if (race.HasWinner)
        {
            return race.Winner!;
        }
        failures.AddRange(race.Failures.Select(f => new DialFailure(
            f.Index < ordered.Count ? ordered[f.Index].Address.ToString()
                : f.Index < direct ? names[f.Index - ordered.Count].ToString()
                : relayed[f.Index - direct].Address.ToString(),
            f.Error)));
        throw DialErrors.Combine(peer, failures);
    }

    /// <summary>Dials what a name of addresses stands for. Without a peer it is that of the first address: no other may answer.</summary>
    private async Task<T> DialDnsAddrAsync(Multiaddr name, PeerId? peer, DialTerms? terms, Bounds bounds, CancellationToken ct)
    {
        IReadOnlyList<Multiaddr> found = await _dnsAddresses.ResolveAsync(name, bounds.IsRelay, ct).ConfigureAwait(false);
        if (terms is not null)
        {
            Multiaddr[] admitted = [.. found.Where(address => terms.Rule.Admits(address, terms.Source))];
            found = admitted.Length > 0
                ? admitted
                : throw new Libp2pException(
                    Libp2pErrorIds.PeerUnreachable,
                    $"not tried: {name} stands for {string.Join(", ", found)}, which a source so far away may not give.");
        }
        peer ??= found[0].PeerId;
        return await DialAsync([.. found.Where(address => address.PeerId is null || address.PeerId == peer).Take(bounds.MaxAttempts)], peer, terms, bounds, ct).ConfigureAwait(false);
    }

    private async Task<T> DialNameAsync(Multiaddr name, PeerId? peer, DialTerms? terms, Bounds bounds, CancellationToken ct)
    {
        if (AddressTransports.IsDnsAddr(name))
        {
            return await DialDnsAddrAsync(name, peer, terms, bounds, ct).ConfigureAwait(false);
        }
        IReadOnlyList<DialTarget> found = await _resolver.ResolveAsync(name, ct).ConfigureAwait(false);
        if (terms is not null)
        {
            string host = DialAddress.TryParse(name, out DialAddress? parsed) ? parsed.Host : name.ToString();
            DialTarget[] admitted = [.. found.Where(target => terms.Admits(host, target.EndPoint.Address))];
            found = admitted.Length > 0
                ? admitted
                : throw new Libp2pException(
                    Libp2pErrorIds.PeerUnreachable,
                    $"not tried: {host} stands for {string.Join(", ", found.Select(target => target.EndPoint.Address))}, which a source so far away may not give.");
        }
        RaceResult<T> race = await DialRace.RunAsync(
            Math.Min(found.Count, bounds.MaxAttempts),
            (index, token) => AttemptAsync(found[index], peer, terms, token),
            _discard,
            _options.ConnectionAttemptDelay,
            _options.Clock,
            ct).ConfigureAwait(false);
        return race.HasWinner
            ? race.Winner!
            : throw DialErrors.Combine(
                peer, [.. race.Failures.Select(f => new DialFailure(found[f.Index].Address.ToString(), f.Error))]);
    }

    /// <summary>Dials through a relay, once the direct addresses had their time. What counts against the relay's own address is counted where that is dialled.</summary>
    private async Task<T> DialRelayedAsync(RelayedAddress address, DialTerms? terms, int maxAttempts, HeadStart headStart, CancellationToken ct)
    {
        await headStart.WaitAsync(ct).ConfigureAwait(false);
        using var timeout = new CancellationTokenSource(_options.DialTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            Log.Dialing(_logger, address.Peer.ToString(), address.Address.ToString());
            return await _connectRelayed(address, terms, maxAttempts, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Libp2pException(Libp2pErrorIds.PeerUnreachable, $"no connection through the relay within {_options.DialTimeout}.");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Log.DialFailed(_logger, address.Address.ToString(), error);
            throw;
        }
    }

    private async Task<T> AttemptAsync(DialTarget target, PeerId? peer, DialTerms? terms, CancellationToken ct)
    {
        if (terms is not null)
        {
            _budget.Take(target.EndPoint);
        }
        using var timeout = new CancellationTokenSource(_options.DialTimeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            Log.Dialing(_logger, peer?.ToString() ?? "an unknown peer", target.Address.ToString());
            T connected = await _connect(target, peer, either.Token).ConfigureAwait(false);
            if (terms is not null)
            {
                _budget.Reached(target.EndPoint);
            }
            return connected;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new Libp2pException(Libp2pErrorIds.PeerUnreachable, $"no connection within {_options.DialTimeout}.");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            Log.DialFailed(_logger, target.Address.ToString(), error);
            throw;
        }
    }

    /// <summary>Bounds one dial.</summary>
    /// <param name="MaxAttempts">How many addresses are tried, with those that names stand for.</param>
    /// <param name="IsRelay">Whether it is of a relay, which is dialled over no other.</param>
    private readonly record struct Bounds(int MaxAttempts, bool IsRelay);
}

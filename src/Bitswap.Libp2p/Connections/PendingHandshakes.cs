using System.Net;
using Bitswap.Libp2p.Abstractions;

namespace Bitswap.Libp2p.Connections;

/// <summary>
/// Represents the accepted sockets that are not secured yet. Where there is no room for one more, the one that has been silent longest is let go: of the same address or subnet, where
/// that holds its share, else of all. One that has sent what was not read yet, or that sent something within a second, is not silent; it goes all the same, the oldest first, once it
/// has taken <see cref="Libp2pOptions.CrowdedHandshakeTimeout"/>. Thread-safe.
/// </summary>
internal sealed class PendingHandshakes
{
    private static readonly TimeSpan _minSilence = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly List<PendingHandshake> _pending = [];
    private readonly Libp2pOptions _options;
    private readonly AddressShares _shares;

    public PendingHandshakes(Libp2pOptions options)
    {
        _options = options;
        _shares = new AddressShares(
            new Share(nameof(Libp2pOptions.MaxPendingHandshakesPerAddress), options.MaxPendingHandshakesPerAddress),
            new Share(nameof(Libp2pOptions.MaxPendingHandshakesPerSubnet), options.MaxPendingHandshakesPerSubnet),
            new Share(nameof(Libp2pOptions.MaxPendingHandshakesOfMachine), options.MaxPendingHandshakesOfMachine),
            options.SplitsMachine);
    }

    /// <summary>Gets the number of sockets that are pending.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>Takes one in, for as long as it is not disposed.</summary>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="hasUnread">Whether it has sent what was not read yet.</param>
    /// <param name="refusal">Why it is not taken in.</param>
    public PendingHandshake? TryAdd(IPAddress remote, Func<bool> hasUnread, out string? refusal)
    {
        PendingHandshake added = new(this, remote, hasUnread, _options.Clock);
        PendingHandshake? silent = null;
        lock (_gate)
        {
            IPNetwork? full = _shares.FullGroup(remote);
            if (full is not null || _pending.Count >= _options.MaxPendingInboundHandshakes)
            {
                silent = Silent(full);
                if (silent is null)
                {
                    refusal = full is { } group
                        ? _shares.RefusalOf(group)
                        : $"{nameof(Libp2pOptions.MaxPendingInboundHandshakes)} ({_options.MaxPendingInboundHandshakes}) is reached";
                    return null;
                }
                RemoveHoldingGate(silent);
            }
            _pending.Add(added);
            _shares.Count(remote, 1);
        }
        silent?.LetGo();
        refusal = null;
        return added;
    }

    /// <summary>Frees its place; nothing where it was let go.</summary>
    public void Remove(PendingHandshake handshake)
    {
        lock (_gate)
        {
            RemoveHoldingGate(handshake);
        }
    }

    private PendingHandshake? Silent(IPNetwork? group)
    {
        PendingHandshake[] candidates = [.. group is { } of ? _pending.Where(pending => _shares.IsIn(of, pending.Remote)) : _pending];

        // they are in the order in which they came
        return Array.Find(candidates, pending => !pending.HasSent)
            ?? candidates.Where(pending => pending.Silence >= _minSilence).MaxBy(pending => pending.Silence)
            ?? Array.Find(candidates, pending => pending.Age >= _options.CrowdedHandshakeTimeout);
    }

    private void RemoveHoldingGate(PendingHandshake handshake)
    {
        if (_pending.Remove(handshake))
        {
            _shares.Count(handshake.Remote, -1);
        }
    }
}

/// <summary>Represents an accepted socket that is not secured yet.</summary>
internal sealed class PendingHandshake(PendingHandshakes table, IPAddress remote, Func<bool> hasUnread, TimeProvider clock) : IDisposable
{
    private readonly CancellationTokenSource _letGo = new();
    private readonly long _begunAt = clock.GetTimestamp();
    private long _heardAt = clock.GetTimestamp();
    private bool _hasHeard;

    /// <summary>Gets where it comes from.</summary>
    public IPAddress Remote => remote;

    /// <summary>Cancelled when it has to make room.</summary>
    public CancellationToken WhenLetGo => _letGo.Token;

    /// <summary>Gets whether anything came of it.</summary>
    public bool HasSent => Volatile.Read(ref _hasHeard) || hasUnread();

    /// <summary>Gets how long nothing has come of it.</summary>
    public TimeSpan Silence => hasUnread() ? TimeSpan.Zero : clock.GetElapsedTime(Volatile.Read(ref _heardAt));

    /// <summary>Gets how long it has been there.</summary>
    public TimeSpan Age => clock.GetElapsedTime(_begunAt);

    /// <summary>Notes that something came.</summary>
    public void Heard()
    {
        Volatile.Write(ref _heardAt, clock.GetTimestamp());
        Volatile.Write(ref _hasHeard, true);
    }

    /// <summary>Ends it in the background.</summary>
    public void LetGo() => _ = _letGo.CancelAsync();

    /// <inheritdoc/>
    public void Dispose() => table.Remove(this);
}

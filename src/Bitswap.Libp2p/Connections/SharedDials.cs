using Bitswap.Libp2p.Addresses;

namespace Bitswap.Libp2p.Connections;

/// <summary>
/// Merges dials: a caller that wants a peer that is being dialed waits for that dial. It is cancelled when the last caller has gone.
/// </summary>
internal sealed class SharedDials
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SharedDial> _dials = new(StringComparer.Ordinal);
    private readonly BackgroundTasks _tracker;

    public SharedDials(BackgroundTasks tracker) => _tracker = tracker;

    /// <summary>Joins the dial of <paramref name="key"/>, or starts it.</summary>
    /// <param name="key">Who is dialed.</param>
    /// <param name="addresses">Where this caller would dial.</param>
    /// <param name="terms">On what terms; null for none.</param>
    /// <param name="dial">Dials; its token ends when no caller waits any more.</param>
    /// <param name="ct">Ends this caller's wait.</param>
    /// <returns>The dial, which has ended, and whether it tried all of this caller's addresses.</returns>
    public async Task<(Task<Libp2pConnection> Dial, bool TriedAll)> JoinAsync(
        string key, IReadOnlyList<Multiaddr> addresses, DialTerms? terms, Func<CancellationToken, Task<Libp2pConnection>> dial, CancellationToken ct)
    {
        SharedDial? shared;
        bool started = false;
        lock (_gate)
        {
            if (!_dials.TryGetValue(key, out shared))
            {
                shared = new SharedDial { Addresses = [.. addresses], Terms = terms };
                _dials.Add(key, shared);
                started = true;
            }
            shared.Waiting++;
        }
        if (started)
        {
            _tracker.Run("dialing a peer", () => RunAsync(key, shared, dial));
        }
        try
        {
            await ((Task)shared.Result.Task).WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
            // what others are not to be dialled at, this caller may be
            return (shared.Result.Task, started || ((shared.Terms is null || shared.Terms == terms) && addresses.All(shared.Addresses.Contains)));
        }
        finally
        {
            Leave(key, shared);
        }
    }

    private void Leave(string key, SharedDial shared)
    {
        lock (_gate)
        {
            if (--shared.Waiting > 0)
            {
                return;
            }
            Forget(key, shared);
        }
        shared.Cancellation.Cancel();
    }

    private async Task RunAsync(string key, SharedDial shared, Func<CancellationToken, Task<Libp2pConnection>> dial)
    {
        try
        {
            shared.Result.SetResult(await dial(shared.Cancellation.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            shared.Result.SetCanceled(CancellationToken.None);
        }
        catch (Exception error)
        {
            shared.Result.SetException(error);
            // the callers that wait get it; where none waits any more, it is no fault
            _ = shared.Result.Task.Exception;
        }
        finally
        {
            lock (_gate)
            {
                Forget(key, shared);
            }
        }
    }

    // a dial that ended or was given up must not be joined, while a newer one of the same key may be there already
    private void Forget(string key, SharedDial shared)
    {
        if (_dials.TryGetValue(key, out SharedDial? current) && current == shared)
        {
            _dials.Remove(key);
        }
    }
}

/// <summary>Represents a dial under way and who waits for it.</summary>
internal sealed class SharedDial
{
    /// <summary>Gets what it leads to.</summary>
    public TaskCompletionSource<Libp2pConnection> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends it.</summary>
    public CancellationTokenSource Cancellation { get; } = new();

    /// <summary>Gets the addresses it tries.</summary>
    public required IReadOnlyCollection<Multiaddr> Addresses { get; init; }

    /// <summary>On what terms it tries them; null for none.</summary>
    public required DialTerms? Terms { get; init; }

    /// <summary>Gets or sets the number of callers that wait. Guarded by the lock of <see cref="SharedDials"/>.</summary>
    public int Waiting { get; set; }
}

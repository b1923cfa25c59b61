namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>
/// Happy Eyeballs (RFC 8305 section 5): attempts start one after another, each a little later than the one before or as soon as one
/// fails; the first to succeed wins, the others are cancelled.
/// </summary>
internal static class DialRace
{
    /// <summary>Races <paramref name="count"/> attempts, started in order of their index.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="attempt">Makes one attempt. It must end soon after its token is cancelled.</param>
    /// <param name="discard">Disposes what a loser made all the same.</param>
    /// <param name="stagger">How long the newest attempt has before the next starts beside it.</param>
    /// <param name="clock">Measures <paramref name="stagger"/>.</param>
    /// <param name="ct">Ends the race.</param>
    public static async Task<RaceResult<T>> RunAsync<T>(
        int count,
        Func<int, CancellationToken, Task<T>> attempt,
        Func<T, ValueTask> discard,
        TimeSpan stagger,
        TimeProvider clock,
        CancellationToken ct)
    {
        List<(int Index, Exception Error)> failures = [];
        Dictionary<Task<T>, int> running = [];
        using var race = CancellationTokenSource.CreateLinkedTokenSource(ct);
        int next = 0;
        try
        {
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                if (next < count)
                {
                    running.Add(StartAsync(attempt, next, race.Token), next);
                    next++;
                }
                else if (running.Count == 0)
                {
                    return new RaceResult<T>(false, default, failures);
                }

                Task<T>? ended = await FirstEndAsync(running.Keys, next < count, stagger, clock, race.Token).ConfigureAwait(false);
                if (ended is null)
                {
                    continue;
                }
                running.Remove(ended, out int index);
                if (ended.IsCompletedSuccessfully)
                {
                    return new RaceResult<T>(true, await ended.ConfigureAwait(false), failures);
                }
                failures.Add((index, ended.Exception?.InnerException ?? new OperationCanceledException()));
            }
        }
        finally
        {
            await race.CancelAsync().ConfigureAwait(false);
            foreach (Task<T> loser in running.Keys)
            {
                await ((Task)loser).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (loser.IsCompletedSuccessfully)
                {
                    await discard(await loser.ConfigureAwait(false)).ConfigureAwait(false);
                }
            }
        }
    }

    // an attempt that throws before its first await is a failed attempt as well
    private static async Task<T> StartAsync<T>(Func<int, CancellationToken, Task<T>> attempt, int index, CancellationToken ct) =>
        await attempt(index, ct).ConfigureAwait(false);

    /// <summary>Returns the attempt that ends first, or null when it is time for the next one.</summary>
    private static async Task<Task<T>?> FirstEndAsync<T>(
        IEnumerable<Task<T>> running, bool moreToStart, TimeSpan stagger, TimeProvider clock, CancellationToken ct)
    {
        if (!moreToStart)
        {
            return await Task.WhenAny(running).ConfigureAwait(false);
        }
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task delay = Task.Delay(stagger, clock, timer.Token);
        Task ended = await Task.WhenAny([.. running, delay]).ConfigureAwait(false);
        await timer.CancelAsync().ConfigureAwait(false);
        return ended == delay ? null : (Task<T>)ended;
    }
}

/// <summary>Represents how a <see cref="DialRace"/> ended.</summary>
/// <param name="HasWinner">Whether an attempt succeeded.</param>
/// <param name="Winner">What the first successful attempt made.</param>
/// <param name="Failures">The candidates that failed before the end, by index, in the order they failed.</param>
internal readonly record struct RaceResult<T>(bool HasWinner, T? Winner, IReadOnlyList<(int Index, Exception Error)> Failures);

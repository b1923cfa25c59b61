using Bitswap.Errors;

namespace Bitswap.Pipeline;

/// <summary>Gives calls the time of <c>-TimeoutSeconds</c>.</summary>
internal static class TimeLimit
{
    /// <summary>The span of a number of seconds; null for 0, which is no limit.</summary>
    public static TimeSpan? From(double seconds) => seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Runs a call, and cancels it when the time is over.</summary>
    /// <exception cref="FaultException">Timeout.</exception>
    public static async ValueTask<T> RunAsync<T>(
        Func<CancellationToken, ValueTask<T>> call, double seconds, object target, CancellationToken cancellationToken)
    {
        if (From(seconds) is not { } limit)
        {
            return await call(cancellationToken).ConfigureAwait(false);
        }

        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(limit);
        try
        {
            return await call(time.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (time.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new FaultException(Faults.Timeout(target, limit));
        }
    }
}

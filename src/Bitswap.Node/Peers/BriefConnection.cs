namespace Bitswap.Node.Peers;

/// <summary>A connection that somebody needs for a moment. Let go by all who do, it is closed, unless it was there before or somebody wants it to stay.</summary>
internal sealed class BriefConnection(Func<ValueTask>? release) : IAsyncDisposable
{
    private Func<ValueTask>? _release = release;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _release, null)?.Invoke() ?? ValueTask.CompletedTask;
}

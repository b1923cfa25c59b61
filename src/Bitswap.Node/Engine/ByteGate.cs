namespace Bitswap.Node.Engine;

/// <summary>
/// Bounds the bytes that have been received and not yet dealt with. A reader waits before it takes more off its
/// stream while the gate is over its limit, so a fast peer and a slow disk do not fill the memory.
/// </summary>
internal sealed class ByteGate(long limit)
{
    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private long _held;

    /// <summary>The bytes held now.</summary>
    public long Held
    {
        get
        {
            lock (_lock)
            {
                return _held;
            }
        }
    }

    /// <summary>Adds bytes without waiting, for what is already in memory.</summary>
    public void Add(long bytes)
    {
        lock (_lock)
        {
            _held += bytes;
        }
    }

    /// <summary>Waits until the gate is under its limit, then adds the bytes. One message of any size always passes an empty gate.</summary>
    public async ValueTask EnterAsync(long bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource turn;
            lock (_lock)
            {
                if (_held < limit)
                {
                    _held += bytes;
                    return;
                }

                turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Enqueue(turn);
            }

            await turn.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives bytes back and lets the waiting try again.</summary>
    public void Release(long bytes)
    {
        lock (_lock)
        {
            _held -= bytes;
            while (_held < limit && _waiting.TryDequeue(out TaskCompletionSource? turn))
            {
                turn.TrySetResult();
            }
        }
    }
}

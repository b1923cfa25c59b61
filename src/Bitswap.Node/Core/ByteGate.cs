namespace Bitswap.Node.Core;

/// <summary>
/// Bounds the bytes that have been received and not yet dealt with. A reader waits before it takes more off its
/// stream while the gate is over its limit, so a fast peer and a slow disk do not fill the memory.
/// </summary>
/// <remarks>
/// Each peer enters through a <see cref="Share"/> of its own, and holds no more than its part of the limit while others are at the gate, or one message. Peers that wait take
/// turns, so that none waits behind the queue of another. Where a part of the limit is a reserve, only those that have it (<see cref="Share.HasReserve"/>) enter beyond the rest.
/// </remarks>
/// <param name="limit">The bytes of all.</param>
/// <param name="common">Those of them that are for anyone; null for all.</param>
internal sealed class ByteGate(long limit, long? common = null)
{
    private readonly long _limit = limit;
    private readonly long _common = common ?? limit;
    private readonly Lock _lock = new();
    private readonly Queue<Share> _waiting = new();
    private long _held;
    private int _atGate;

    /// <summary>Gets the bytes held now.</summary>
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

    /// <summary>Makes the share of one more peer.</summary>
    public Share Open() => new(this);

    /// <summary>Adds bytes without waiting, for what is already in memory.</summary>
    public void Add(long bytes)
    {
        lock (_lock)
        {
            _held += bytes;
        }
    }

    /// <summary>Gives bytes back and lets the waiting try again.</summary>
    public void Release(long bytes)
    {
        lock (_lock)
        {
            _held -= bytes;
            LetIn();
        }
    }

    /// <summary>In turns: one message of each peer that may enter. On the lock.</summary>
    private void LetIn()
    {
        int refused = 0;
        while (refused < _waiting.Count && _held < _limit)
        {
            Share share = _waiting.Dequeue();
            if (share.TryLetIn())
            {
                refused = 0;
            }
            else
            {
                refused++;
            }

            if (share.HasWaiting)
            {
                _waiting.Enqueue(share);
            }
        }
    }

    /// <summary>The share of one peer: the bytes it holds, and its messages that wait, in order.</summary>
    internal sealed class Share(ByteGate gate)
    {
        private readonly Queue<(TaskCompletionSource Turn, long Bytes)> _queue = new();
        private long _held;
        private bool _isAtGate;

        /// <summary>Gets whether the peer may use the reserve.</summary>
        public bool HasReserve { get; set => Volatile.Write(ref field, value); }

        /// <summary>Gets whether a message waits. On the gate's lock.</summary>
        public bool HasWaiting => _queue.Count > 0;

        /// <summary>Waits until the bytes may enter. One message of any size always passes an empty gate.</summary>
        public ValueTask EnterAsync(long bytes, CancellationToken cancellationToken)
        {
            TaskCompletionSource turn;
            lock (gate._lock)
            {
                if (_queue.Count == 0 && MayEnter(bytes))
                {
                    Change(bytes);
                    return ValueTask.CompletedTask;
                }

                turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _queue.Enqueue((turn, bytes));
                Change(0);
                if (_queue.Count == 1)
                {
                    gate._waiting.Enqueue(this);
                }
            }

            return WaitAsync(turn, cancellationToken);
        }

        /// <summary>Gives bytes back and lets the waiting try again.</summary>
        public void Release(long bytes)
        {
            lock (gate._lock)
            {
                Change(-bytes);
                gate.LetIn();
            }
        }

        /// <summary>Lets the first message in that still waits, if it may enter. On the gate's lock.</summary>
        public bool TryLetIn()
        {
            while (_queue.TryPeek(out (TaskCompletionSource Turn, long Bytes) first) && (first.Turn.Task.IsCompleted || MayEnter(first.Bytes)))
            {
                _queue.Dequeue();
                bool stillWaits = first.Turn.TrySetResult();
                Change(stillWaits ? first.Bytes : 0);
                if (stillWaits)
                {
                    return true;
                }
            }

            return false;
        }

        private static async ValueTask WaitAsync(TaskCompletionSource turn, CancellationToken cancellationToken)
        {
            using CancellationTokenRegistration gaveUp = cancellationToken.UnsafeRegister(static (turn, token) => ((TaskCompletionSource)turn!).TrySetCanceled(token), turn);
            await turn.Task.ConfigureAwait(false);
        }

        // Several peers leave room for one more, so that a newcomer finds some.
        private bool MayEnter(long bytes)
        {
            int others = gate._atGate - (_isAtGate ? 1 : 0);
            long limit = HasReserve ? gate._limit : gate._common;
            return gate._held < limit && (_held == 0 || others == 0 || _held + bytes <= limit / (others + 2));
        }

        private void Change(long bytes)
        {
            _held += bytes;
            gate._held += bytes;
            bool isAtGate = _held > 0 || _queue.Count > 0;
            if (isAtGate != _isAtGate)
            {
                _isAtGate = isAtGate;
                gate._atGate += isAtGate ? 1 : -1;
            }
        }
    }
}

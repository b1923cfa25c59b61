using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Bitswap.Dag.Abstractions;

/// <summary>Tells one reader, while it waits for something else, of what has come. Added to by any task; of no more items than are under way at once.</summary>
internal sealed class ArrivalQueue<T>
{
    private readonly ConcurrentQueue<T> _items = new();
    private TaskCompletionSource? _waiting;

    public void Add(T item)
    {
        _items.Enqueue(item);
        Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
    }

    public bool TryTake([MaybeNullWhen(false)] out T item) => _items.TryDequeue(out item);

    /// <summary>Waits until there is something to take, or a task has ended.</summary>
    public async ValueTask WaitAsync(Task task)
    {
        // Its continuation runs where the item is added, as that of the task does where the task ends.
        TaskCompletionSource waiting = new();
        Interlocked.Exchange(ref _waiting, waiting);
        if (_items.IsEmpty)
        {
            await Task.WhenAny(task, waiting.Task).ConfigureAwait(false);
        }

        Interlocked.CompareExchange(ref _waiting, null, waiting);
    }
}

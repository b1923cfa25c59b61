using System.Threading.Channels;
using Bitswap.Libp2p.Abstractions;
using Microsoft.Extensions.Logging;

namespace Bitswap.Libp2p.Connections;

/// <summary>
/// Raises the host's events one at a time and in the order they happened. A caller that posts waits for its event to be raised before it
/// goes on, so that at most a few events a connection are waiting, however slow a subscriber is.
/// </summary>
internal sealed class EventPump
{
    private readonly Channel<(Action Raise, TaskCompletionSource Raised)> _queue;
    private readonly Task _loop;
    private volatile bool _completed;

    public EventPump(int capacity)
    {
        _queue = Channel.CreateBounded<(Action, TaskCompletionSource)>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _loop = Task.Run(RunAsync);
    }

    /// <summary>
    /// Queues an event; does not wait, so that it can be called where the order is decided.
    /// </summary>
    /// <returns>Completes when every subscriber was called. After <see cref="CompleteAsync"/> none is called any more.</returns>
    /// <exception cref="InvalidOperationException">More events than the callers' limits allow for.</exception>
    public Task Post(Action raise)
    {
        var raised = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_queue.Writer.TryWrite((raise, raised)))
        {
            return raised.Task;
        }
        return _completed ? Task.CompletedTask : throw new InvalidOperationException("The event queue is full.");
    }

    /// <summary>Ends once everything posted before was raised.</summary>
    public Task CompleteAsync()
    {
        _completed = true;
        _queue.Writer.TryComplete();
        return _loop;
    }

    /// <summary>Calls each subscriber; the failure of one is logged and does not keep the next from being called.</summary>
    public static void Raise<T>(ILogger logger, string name, Action<T>? subscribers, T argument)
    {
        foreach (Action<T> subscriber in Delegate.EnumerateInvocationList(subscribers))
        {
            try
            {
                subscriber(argument);
            }
            catch (Exception error)
            {
                Log.SubscriberFailed(logger, name, error);
            }
        }
    }

    private async Task RunAsync()
    {
        await foreach ((Action raise, TaskCompletionSource raised) in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                raise();
            }
            finally
            {
                raised.SetResult();
            }
        }
    }
}

using System.Collections.Concurrent;
using Bitswap.Multiformats;

namespace Bitswap.Dag.Tests;

/// <summary>
/// Blocks that are far away: what is asked for comes a round trip later, all at once, and the round trips are counted. A walk goes on where its blocks are given to it, so when
/// they are, all that it asks for next is asked for.
/// </summary>
internal sealed class RoundTrips(Func<Cid, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> blocks)
{
    private readonly ConcurrentQueue<(Cid Cid, TaskCompletionSource Came)> _underWay = new();

    /// <summary>Gets the blocks that take so many round trips more.</summary>
    public Dictionary<Cid, int> Late { get; } = [];

    /// <summary>Gets how many round trips there were.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the most blocks that were asked for in one.</summary>
    public int Widest { get; private set; }

    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(Cid cid, CancellationToken cancellationToken)
    {
        // continued where it is completed, which is what makes the count exact
        TaskCompletionSource came = new();
        _underWay.Enqueue((cid, came));
        await came.Task.ConfigureAwait(false);
        return await blocks(cid, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Counts the round trips of a walk, from a thread without a context that its continuations would be sent to.</summary>
    public static Task<int> CountAsync(RoundTrips far, Func<Task> walk) => Task.Run(async () =>
    {
        Task walking = walk();
        while (!walking.IsCompleted)
        {
            (Cid Cid, TaskCompletionSource Came)[] now = [.. far._underWay];
            Assert.True(now.Length > 0, "the walk waits for nothing");
            far._underWay.Clear();
            far.Count++;
            far.Widest = Math.Max(far.Widest, now.Length);
            foreach ((Cid Cid, TaskCompletionSource Came) asked in now)
            {
                if (far.Late.TryGetValue(asked.Cid, out int late) && late > 0)
                {
                    far.Late[asked.Cid]--;
                    far._underWay.Enqueue(asked);
                }
                else
                {
                    asked.Came.SetResult();
                }
            }
        }

        await walking;
        return far.Count;
    });
}

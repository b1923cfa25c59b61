using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Server;

/// <summary>Asks the store which wanted blocks are here: in batches that the peers that wait share evenly.</summary>
/// <param name="context">What the engine shares.</param>
/// <param name="answered">Called with a task and the bytes of its block, or less than zero when the store has it not; the task is still unchecked.</param>
internal sealed class StoreChecks(EngineContext context, Action<PeerTask, int> answered)
{
    private const int PerPeerAndTurn = 256;
    private const int MinPerPeerAndTurn = 16;

    /// <summary>The peers that have something to be checked.</summary>
    private readonly Queue<PeerQueue> _peers = new();
    private int _open;

    /// <summary>Has the store asked about a task.</summary>
    public void Add(PeerTask task)
    {
        if (task.Queue.ToUnchecked(task))
        {
            _peers.Enqueue(task.Queue);
        }
    }

    public void Flush()
    {
        EngineOptions options = context.Options;
        while (_open < options.MaxStoreRequests && _peers.Count > 0)
        {
            var tasks = new List<PeerTask>();
            int share = Math.Clamp(options.MaxCheckedCids / _peers.Count, MinPerPeerAndTurn, PerPeerAndTurn);
            while (tasks.Count < options.MaxCheckedCids && _peers.TryDequeue(out PeerQueue? queue))
            {
                int most = Math.Min(share, options.MaxCheckedCids - tasks.Count);
                while (most-- > 0 && queue.TryTakeUnchecked(out PeerTask? task))
                {
                    tasks.Add(task);
                }

                if (queue.UncheckedCount > 0)
                {
                    _peers.Enqueue(queue);
                }
            }

            if (tasks.Count > 0)
            {
                _open++;
                Cid[] cids = [.. tasks.Select(static task => task.Cid)];
                context.Actions.Enqueue(new CheckBlocks(context.Open(new CheckRequest(this, tasks)), cids));
            }
        }
    }

    private void Checked(List<PeerTask> tasks, IReadOnlyList<int> sizes)
    {
        _open--;
        for (int i = 0; i < tasks.Count; i++)
        {
            if (tasks[i].State == PeerTaskState.Unchecked)
            {
                answered(tasks[i], sizes[i]);
            }
        }
    }

    private sealed class CheckRequest(StoreChecks checks, List<PeerTask> tasks) : StoreRequest
    {
        public override int Count => tasks.Count;

        public override void Checked(IReadOnlyList<int> sizes) => checks.Checked(tasks, sizes);
    }
}

using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Client;
using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Server;

/// <summary>Asks the store which wanted blocks are here: in batches that the peers that wait share evenly.</summary>
internal sealed class StoreChecks(ServerSide server)
{
    private const int PerPeerAndTurn = 256;
    private const int MinPerPeerAndTurn = 16;
    private const int SpareUnchecked = 64;

    private readonly Queue<PeerQueue> _peers = new();
    private int _open;

    public int OpenCount => _open;

    public void Add(PeerTask want)
    {
        PeerQueue queue = want.Queue;
        want.State = PeerTaskState.Unchecked;
        queue.Unchecked.Enqueue(want);
        if (queue.Unchecked.Count > (2 * queue.Wants.Count) + SpareUnchecked)
        {
            // Wants and cancels in quick succession leave withdrawn ones behind.
            var kept = new HashSet<PeerTask>();
            foreach (PeerTask unchecked_ in queue.Unchecked)
            {
                if (unchecked_.State == PeerTaskState.Unchecked)
                {
                    kept.Add(unchecked_);
                }
            }

            queue.Unchecked = new Queue<PeerTask>(kept);
        }

        if (!queue.AwaitsCheck)
        {
            queue.AwaitsCheck = true;
            _peers.Enqueue(queue);
        }
    }

    public void Flush()
    {
        EngineOptions options = server.Context.Options;
        while (_open < options.MaxStoreRequests && _peers.Count > 0)
        {
            var wants = new List<PeerTask>();
            int share = Math.Clamp(options.MaxCheckedCids / _peers.Count, MinPerPeerAndTurn, PerPeerAndTurn);
            while (wants.Count < options.MaxCheckedCids && _peers.TryDequeue(out PeerQueue? queue))
            {
                int most = Math.Min(share, options.MaxCheckedCids - wants.Count);
                while (most > 0 && queue.Unchecked.TryDequeue(out PeerTask? want))
                {
                    if (want.State == PeerTaskState.Unchecked)
                    {
                        wants.Add(want);
                        most--;
                    }
                }

                if (queue.Unchecked.Count > 0)
                {
                    _peers.Enqueue(queue);
                }
                else
                {
                    queue.AwaitsCheck = false;
                }
            }

            if (wants.Count == 0)
            {
                continue;
            }

            _open++;
            var cids = new Cid[wants.Count];
            for (int i = 0; i < cids.Length; i++)
            {
                cids[i] = wants[i].Cid;
            }

            long id = server.Context.Open(new CheckRequest(this, wants));
            server.Context.Actions.Enqueue(new CheckBlocks(id, cids));
        }
    }

    private void Checked(List<PeerTask> wants, IReadOnlyList<int> sizes)
    {
        _open--;
        for (int i = 0; i < wants.Count; i++)
        {
            PeerTask want = wants[i];
            if (want.State != PeerTaskState.Unchecked)
            {
                continue;
            }

            if (sizes[i] >= 0)
            {
                server.Waiting.Remove(want);
                server.Wantlists.Found(want, sizes[i]);
            }
            else
            {
                server.Wantlists.NotFound(want);
            }
        }
    }

    private sealed class CheckRequest(StoreChecks checks, List<PeerTask> wants) : StoreRequest
    {
        public override int Count => wants.Count;

        public override void Checked(IReadOnlyList<int> sizes) => checks.Checked(wants, sizes);
    }
}

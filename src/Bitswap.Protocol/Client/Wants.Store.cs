using Bitswap.Protocol.Abstractions;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <content>What happens to a want when the store answers, and when a block comes that is to be stored.</content>
internal sealed partial class Wants
{
    /// <summary>Reads a block that was put into the store by other code: no peer is asked any more.</summary>
    public void BlockAdded(in Multihash hash, int size)
    {
        if (!_wants.TryGetValue(hash, out ClientWant? want))
        {
            return;
        }

        want.MayBeInStore();
        if (want.State == WantState.Looking)
        {
            want.AddedWhileLooking(size);
        }
        else if (want.State != WantState.Storing && want.TakesFromStore())
        {
            Withdraw(want);
            StoreHas(want, size);
        }
    }

    /// <summary>Stores a block that came. It is given to callers, and to peers, once it is kept.</summary>
    public void BlockCame(ClientWant want, ReadOnlyMemory<byte> data, PeerId from)
    {
        Withdraw(want);
        want.Store(data, from);
        Scheduler.StoringBegan(data.Length);
        long id = _context.NextId();
        _storing.Add(id, want);
        _context.Actions.Enqueue(new StoreBlock(id, new Block(want.Cid, data), from));
    }

    /// <summary>Gives out a block that the store has taken, and returns it; null when the store could not.</summary>
    public Block? BlockStored(long requestId, string? error)
    {
        if (!_storing.Remove(requestId, out ClientWant? want))
        {
            throw new ArgumentException($"No block is being stored under request {requestId}.", nameof(requestId));
        }

        Block block = want.Stored(out PeerId? from);
        Scheduler.StoringEnded(block.Data.Length);
        if (error is not null)
        {
            EndAll(want, WantEndReason.StoreFailed, error);
            return null;
        }

        Satisfy(want, block.Data, from);
        return block;
    }

    private void StoreGave(ClientWant want, ReadOnlyMemory<byte> data) => Satisfy(want, data, null);

    private void StoreHas(ClientWant want, int size)
    {
        want.FoundInStore();
        SatisfyHaves(want, null, TimeSpan.Zero);
        if (want.State != WantState.Looking)
        {
            return;
        }

        if (want.TakesFromStore())
        {
            Lookup.AddHit(want, size);
        }
        else
        {
            AwaitPeer(want);
        }
    }

    private void StoreMissed(ClientWant want)
    {
        want.MissedInStore();
        EndLocalOnly(want);
        if (want.State == WantState.Looking)
        {
            AwaitPeer(want);
        }
    }
}

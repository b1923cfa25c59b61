namespace Bitswap.Node.Networks.Http;

/// <content>What is held when another CAR goes on where one broke off.</content>
internal sealed partial class CarHold
{
    // The CARs that are read for the walk, one after the other.
    private int _request;

    // Of the one that is read: the bytes of blocks that are held, and twice those of blocks that were of use.
    private long _useful;

    /// <summary>Returns how many bytes of the CAR that is read came in vain, beyond those that were of use or are held and some that are free. What came of other CARs does not count.</summary>
    /// <param name="came">The bytes of it that came, of whatever kind.</param>
    public long WasteOf(long came)
    {
        lock (_lock)
        {
            return came - FreeWaste - _useful;
        }
    }

    /// <summary>A CAR begins to come: how long nothing of use comes, and what comes in vain, are counted anew.</summary>
    public void ReadsOn()
    {
        lock (_lock)
        {
            _useAt = clock.GetTimestamp();
            _request++;
            _useful = 0;
        }
    }

    /// <summary>Another CAR is asked for, which goes on where the last broke off.</summary>
    /// <returns>The wants that wait for what is not in it.</returns>
    public IReadOnlyList<WantlistEntry> Resume()
    {
        lock (_lock)
        {
            _isIdle = false;
            _isStalled = false;
            _useAt = clock.GetTimestamp();
            WantlistEntry[] back = [.. _waiting.Values.Where(entry => !plan.IsAwaited(entry.Cid.Hash))];
            foreach (WantlistEntry entry in back)
            {
                _waiting.Remove(entry.Cid.Hash);
            }

            return back;
        }
    }

    private void Unhold(int request, in Block block) => _useful -= request == _request ? SizeOf(block) : 0;
}

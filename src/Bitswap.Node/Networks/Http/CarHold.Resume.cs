namespace Bitswap.Node.Networks.Http;

/// <content>What is held when another CAR goes on where one broke off.</content>
internal sealed partial class CarHold
{
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
}

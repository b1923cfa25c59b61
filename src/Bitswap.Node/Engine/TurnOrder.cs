namespace Bitswap.Node.Engine;

/// <summary>
/// Which peer's input is next: peers take turns of equal cost, whatever the number and the size of their inputs (deficit round robin, Shreedhar and Varghese 1995). One
/// that had nothing for a turn goes before those that always have something (as in FQ-CoDel, RFC 8290), so that what an honest peer asks now and then does not wait for a
/// round of floods. On the loop only.
/// </summary>
internal sealed class TurnOrder
{
    /// <summary>The cost of a turn, in wantlist entries. An input may cost more; its peer then sits turns out.</summary>
    public const int TurnCost = 256;

    private readonly Queue<PeerInbox> _fresh = new();
    private readonly Queue<PeerInbox> _waiting = new();

    /// <summary>Gets whether no peer is listed.</summary>
    public bool IsEmpty => _fresh.Count == 0 && _waiting.Count == 0;

    /// <summary>Lists a peer that was not.</summary>
    public void Enter(PeerInbox inbox)
    {
        inbox.Credit = TurnCost;
        _fresh.Enqueue(inbox);
    }

    /// <summary>Takes the next input of all peers'; false when there is none.</summary>
    public bool TryTake(out PeerInput input)
    {
        while (!IsEmpty)
        {
            Queue<PeerInbox> queue = _fresh.Count > 0 ? _fresh : _waiting;
            PeerInbox inbox = queue.Peek();
            if (inbox.Credit <= 0)
            {
                queue.Dequeue();
                inbox.Credit += TurnCost;
                _waiting.Enqueue(inbox);
            }
            else if (inbox.TryTake(out input))
            {
                inbox.Credit -= input.Cost;
                return true;
            }
            else
            {
                queue.Dequeue();

                // One that came first waits for a turn of the others before it may come first again.
                if ((queue == _fresh && _waiting.Count > 0) || !inbox.TryLeave())
                {
                    _waiting.Enqueue(inbox);
                }
            }
        }

        input = default;
        return false;
    }
}

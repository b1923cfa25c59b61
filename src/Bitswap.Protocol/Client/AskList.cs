using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>Asks of one link, oldest first; an ask is in one list at most, and knows in which.</summary>
internal sealed class AskList
{
    private readonly Chain<PeerWant> _asks = new();

    public PeerWant? First => _asks.First;

    public PeerWant? Last => _asks.Last;

    public int Count => _asks.Count;

    /// <summary>The oldest ask that time has not run out for; only of use in a list that is timed.</summary>
    public PeerWant? Cursor { get; set; }

    public void Append(PeerWant ask)
    {
        ask.List?.Remove(ask);
        ask.List = this;
        _asks.Append(ask);
        Cursor ??= ask;
    }

    public void Remove(PeerWant ask)
    {
        if (Cursor == ask)
        {
            Cursor = ask.Next;
        }

        _asks.Remove(ask);
        ask.List = null;
    }
}

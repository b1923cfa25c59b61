namespace Bitswap.Protocol.Client;

/// <summary>A doubly linked list through the asks themselves, oldest first.</summary>
internal sealed class AskList
{
    public PeerWant? First { get; private set; }

    public PeerWant? Last { get; private set; }

    public int Count { get; private set; }

    /// <summary>The oldest ask that time has not run out for; only of use in a list that is timed.</summary>
    public PeerWant? Cursor { get; set; }

    public void Append(PeerWant ask)
    {
        ask.List?.Remove(ask);
        ask.List = this;
        ask.Previous = Last;
        if (Last is null)
        {
            First = ask;
        }
        else
        {
            Last.Next = ask;
        }

        Last = ask;
        Cursor ??= ask;
        Count++;
    }

    public void Remove(PeerWant ask)
    {
        if (Cursor == ask)
        {
            Cursor = ask.Next;
        }

        if (ask.Previous is null)
        {
            First = ask.Next;
        }
        else
        {
            ask.Previous.Next = ask.Next;
        }

        if (ask.Next is null)
        {
            Last = ask.Previous;
        }
        else
        {
            ask.Next.Previous = ask.Previous;
        }

        ask.List = null;
        ask.Previous = ask.Next = null;
        Count--;
    }
}

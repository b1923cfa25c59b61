namespace Bitswap.Protocol.Core;

/// <summary>A doubly linked list through its elements themselves, oldest first: nothing is allocated for a place in it, and any element leaves it at once.</summary>
internal sealed class Chain<T>
    where T : class, IChained<T>
{
    public T? First { get; private set; }

    public T? Last { get; private set; }

    public int Count { get; private set; }

    public void Append(T element)
    {
        element.Previous = Last;
        if (Last is null)
        {
            First = element;
        }
        else
        {
            Last.Next = element;
        }

        Last = element;
        Count++;
    }

    public void Remove(T element)
    {
        if (element.Previous is null)
        {
            First = element.Next;
        }
        else
        {
            element.Previous.Next = element.Next;
        }

        if (element.Next is null)
        {
            Last = element.Previous;
        }
        else
        {
            element.Next.Previous = element.Previous;
        }

        element.Previous = element.Next = null;
        Count--;
    }
}

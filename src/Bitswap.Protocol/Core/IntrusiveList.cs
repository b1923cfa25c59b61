namespace Bitswap.Protocol.Core;

/// <summary>Represents a doubly linked list through its elements themselves, oldest first: nothing is allocated for a place in it, and any element leaves it at once.</summary>
internal sealed class IntrusiveList<T>
    where T : class, ILinked<T>
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

/// <summary>Represents an element of a <see cref="IntrusiveList{T}"/>, of one at a time.</summary>
internal interface ILinked<T>
    where T : class
{
    T? Previous { get; set; }

    T? Next { get; set; }
}

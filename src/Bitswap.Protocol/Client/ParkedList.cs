namespace Bitswap.Protocol.Client;

/// <summary>Wants that nobody is left to be asked for, oldest first, linked through themselves.</summary>
internal sealed class ParkedList
{
    private ClientWant? _first;
    private ClientWant? _last;

    public int Count { get; private set; }

    public ClientWant? First => _first;

    public void Add(ClientWant want)
    {
        want.PreviousParked = _last;
        if (_last is null)
        {
            _first = want;
        }
        else
        {
            _last.NextParked = want;
        }

        _last = want;
        Count++;
    }

    public void Remove(ClientWant want)
    {
        if (want.PreviousParked is null)
        {
            _first = want.NextParked;
        }
        else
        {
            want.PreviousParked.NextParked = want.NextParked;
        }

        if (want.NextParked is null)
        {
            _last = want.PreviousParked;
        }
        else
        {
            want.NextParked.PreviousParked = want.PreviousParked;
        }

        want.PreviousParked = want.NextParked = null;
        Count--;
    }
}

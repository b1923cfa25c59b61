namespace Bitswap.Node.Networks.Http;

/// <summary>Bounds how many requests go to one host and port at once, however many gateways it is named as. Thread-safe.</summary>
/// <param name="limit">How many.</param>
internal sealed class HostGates(int limit)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Host, int Port), Gate> _gates = [];

    /// <summary>Waits until a request may go; each must leave.</summary>
    public async ValueTask EnterAsync(HttpAddress address, CancellationToken cancellationToken)
    {
        Gate gate;
        lock (_lock)
        {
            if (!_gates.TryGetValue(KeyOf(address), out Gate? known))
            {
                _gates.Add(KeyOf(address), known = new Gate(limit));
            }

            gate = known;
            gate.Users++;
        }

        try
        {
            await gate.Room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Forget(address, entered: false);
            throw;
        }
    }

    /// <summary>
    /// Lets a request go at once that may take long, where that leaves one for others; it must leave as the others do.
    /// </summary>
    /// <returns>Whether it may go.</returns>
    public bool TryEnterForLong(HttpAddress address)
    {
        lock (_lock)
        {
            Gate? gate = _gates.GetValueOrDefault(KeyOf(address));
            if ((gate?.Long ?? 0) + 1 >= limit || gate?.Room.Wait(0, CancellationToken.None) == false)
            {
                return false;
            }

            if (gate is null)
            {
                _gates.Add(KeyOf(address), gate = new Gate(limit));
                gate.Room.Wait(CancellationToken.None);
            }

            gate.Users++;
            gate.Long++;
            return true;
        }
    }

    /// <summary>A request is over.</summary>
    /// <param name="address">Whom it was for.</param>
    /// <param name="isLong">Whether it was one that might take long.</param>
    public void Leave(HttpAddress address, bool isLong = false) => Forget(address, entered: true, isLong);

    private void Forget(HttpAddress address, bool entered, bool isLong = false)
    {
        lock (_lock)
        {
            Gate gate = _gates[KeyOf(address)];
            gate.Long -= isLong ? 1 : 0;
            if (entered)
            {
                gate.Room.Release();
            }

            if (--gate.Users == 0)
            {
                _gates.Remove(KeyOf(address));
                gate.Room.Dispose();
            }
        }
    }

    private static (string Host, int Port) KeyOf(HttpAddress address) => (address.Host, address.Port);

    private sealed class Gate(int limit)
    {
        public SemaphoreSlim Room { get; } = new(limit, limit);

        public int Users { get; set; }

        public int Long { get; set; }
    }
}

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

    /// <summary>A request is over.</summary>
    public void Leave(HttpAddress address) => Forget(address, entered: true);

    private void Forget(HttpAddress address, bool entered)
    {
        lock (_lock)
        {
            Gate gate = _gates[KeyOf(address)];
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
    }
}

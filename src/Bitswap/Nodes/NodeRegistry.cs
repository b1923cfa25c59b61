using Bitswap.Errors;

namespace Bitswap.Nodes;

/// <summary>The nodes that run in this process. Static, because what stops them at unload runs on a new instance of everything else.</summary>
internal static class NodeRegistry
{
    // a name that is forgotten costs a less exact message
    private const int MaxKnown = 10_000;
    private static readonly Lock _gate = new();
    private static readonly List<BitswapNode> _nodes = [];
    private static readonly HashSet<string> _reserved = new(StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private static int _lastNumber;

    /// <summary>The nodes that run, oldest first.</summary>
    public static IReadOnlyList<BitswapNode> Running
    {
        get
        {
            lock (_gate)
            {
                return [.. _nodes.Where(node => node.IsRunning)];
            }
        }
    }

    /// <summary>Whether a node of this name has run in this process.</summary>
    public static bool Knows(string name)
    {
        lock (_gate)
        {
            return _known.Contains(name);
        }
    }

    /// <summary>Takes a name for a node that is about to start; without one, <paramref name="prefix"/> and the next free number.</summary>
    /// <exception cref="FaultException">NameInUse.</exception>
    public static string Reserve(string? wanted, string prefix = "node")
    {
        lock (_gate)
        {
            if (wanted is null)
            {
                do
                {
                    wanted = $"{prefix}{++_lastNumber}";
                }
                while (!_reserved.Add(wanted));
            }
            else if (!_reserved.Add(wanted))
            {
                throw new FaultException(Faults.NameInUse(wanted));
            }

            return wanted;
        }
    }

    /// <summary>Gives a name back: the node did not start, or has stopped.</summary>
    public static void Release(string name)
    {
        lock (_gate)
        {
            _reserved.Remove(name);
            if (_nodes.RemoveAll(node => node.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) > 0 && _nodes.Count == 0)
            {
                _lastNumber = 0;
            }
        }
    }

    /// <summary>Lists a node until it stops.</summary>
    public static void Add(BitswapNode node)
    {
        lock (_gate)
        {
            _nodes.Add(node);
            if (_known.Count < MaxKnown && !node.IsOfCall)
            {
                _known.Add(node.Name);
            }
        }
    }

    /// <summary>Stops the nodes that a runspace started, all at once, and waits for them a bounded time.</summary>
    /// <returns>Their names.</returns>
    public static string[] StopOwnedBy(Guid runspace)
    {
        BitswapNode[] owned;
        lock (_gate)
        {
            owned = [.. _nodes.Where(node => node.Owner == runspace)];
        }

        if (owned.Length > 0)
        {
            BitswapNode.StopAll(owned);
        }

        return [.. owned.Select(node => node.Name)];
    }
}

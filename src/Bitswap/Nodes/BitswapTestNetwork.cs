using System.Collections;
using Bitswap.Errors;
using Bitswap.Node.Networks.Memory;
using Bitswap.Nodes;

namespace Bitswap;

/// <summary>
/// A network in memory for tests, made by <c>New-BitswapTestNetwork</c>: nodes that are started on it with <c>Start-BitswapNode -Network</c> reach each
/// other and no others, without a socket. Its faults can be changed while nodes run. Thread-safe.
/// </summary>
public sealed class BitswapTestNetwork : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<BitswapNode> _nodes = [];
    private bool _disposed;

    internal BitswapTestNetwork(int seed, MemoryLineOptions line)
    {
        Seed = seed;
        Memory = new MemoryNetwork(seed, new MemoryNetworkOptions { Line = line });
    }

    /// <summary>The seed of the nodes' identities and of every fault.</summary>
    public int Seed { get; }

    /// <summary>The nodes that run on it, oldest first.</summary>
    public BitswapNode[] Nodes
    {
        get
        {
            lock (_gate)
            {
                return [.. _nodes.Where(node => node.IsRunning)];
            }
        }
    }

    /// <summary>How many milliseconds what a node says takes to arrive: 0 to 60 000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public double LatencyMilliseconds
    {
        get => Memory.Line.Latency.TotalMilliseconds;
        set => Memory.Line = TestLine.With(Memory.Line, nameof(LatencyMilliseconds), value);
    }

    /// <summary>How many bytes a second a line carries each way: 0, which is no limit, to 1 000 000 000 000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public long BytesPerSecond
    {
        get => Memory.Line.BytesPerSecond;
        set => Memory.Line = TestLine.With(Memory.Line, nameof(BytesPerSecond), value);
    }

    /// <summary>The chance, 0 to 1, that a message is lost, and the stream it was on with it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public double Loss
    {
        get => Memory.Line.Loss;
        set => Memory.Line = TestLine.With(Memory.Line, nameof(Loss), value);
    }

    /// <summary>The chance, 0 to 1, that a message arrives with one byte changed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public double Corruption
    {
        get => Memory.Line.Corruption;
        set => Memory.Line = TestLine.With(Memory.Line, nameof(Corruption), value);
    }

    /// <summary>Messages that arrived.</summary>
    public long MessagesCarried => Memory.Stat.Writes;

    /// <summary>Bytes that arrived.</summary>
    public long BytesCarried => Memory.Stat.Bytes;

    /// <summary>Messages that were lost, or that a silent node said.</summary>
    public long MessagesLost => Memory.Stat.Lost + Memory.Stat.Silenced;

    /// <summary>Messages that arrived changed.</summary>
    public long MessagesCorrupted => Memory.Stat.Corrupted;

    /// <summary>The network itself.</summary>
    internal MemoryNetwork Memory { get; }

    /// <summary>Gives the line between two nodes a behaviour of its own, both ways, in place of the network's.</summary>
    /// <param name="left">A node of the network.</param>
    /// <param name="right">Another.</param>
    /// <param name="settings">Any of LatencyMilliseconds, BytesPerSecond, Loss and Corruption; what is left out is perfect.</param>
    /// <exception cref="BitswapException">InvalidOption or NotOnNetwork.</exception>
    public void SetLink(BitswapNode left, BitswapNode right, IDictionary settings)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        Memory.SetLine(left.Host.PeerId, right.Host.PeerId, TestLine.From(settings));
    }

    /// <summary>Takes what <see cref="SetLink"/> set back: the line behaves as the network does.</summary>
    /// <exception cref="BitswapException">NotOnNetwork.</exception>
    public void ResetLink(BitswapNode left, BitswapNode right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        Memory.SetLine(left.Host.PeerId, right.Host.PeerId, null);
    }

    /// <summary>Cuts the line between two nodes, as a pulled cable does; they may connect again.</summary>
    public void Cut(BitswapNode left, BitswapNode right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        Memory.Cut(left.Host.PeerId, right.Host.PeerId);
    }

    /// <summary>Makes a node say nothing more, though it still hears; or lets it speak again.</summary>
    /// <exception cref="BitswapException">NotOnNetwork.</exception>
    public void SetSilent(BitswapNode node, bool silent)
    {
        ArgumentNullException.ThrowIfNull(node);
        Memory.SetSilent(node.Host.PeerId, silent);
    }

    /// <summary>Makes every message of a node arrive so many times: 1, which is no flood, to 1000.</summary>
    /// <exception cref="BitswapException">NotOnNetwork.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Out of range.</exception>
    public void SetFlood(BitswapNode node, int times)
    {
        ArgumentNullException.ThrowIfNull(node);
        Memory.SetFlood(node.Host.PeerId, times);
    }

    /// <summary>Parts these nodes from all others, until <see cref="Heal"/>; among themselves they stay as they are.</summary>
    /// <exception cref="BitswapException">NotOnNetwork.</exception>
    public void Partition(params BitswapNode[] group)
    {
        ArgumentNullException.ThrowIfNull(group);
        Memory.Partition(group.Select(node => node.Host.PeerId));
    }

    /// <summary>Ends all partitions. Nodes dial again those they were told to keep (<c>-Peer</c>); others connect when they are told to.</summary>
    public void Heal() => Memory.Heal();

    /// <summary>Stops every node on the network and waits until they have; none can be started on it afterwards.</summary>
    public void Dispose()
    {
        BitswapNode[] nodes;
        lock (_gate)
        {
            _disposed = true;
            nodes = [.. _nodes];
            _nodes.Clear();
        }

        BitswapNode.StopAll(nodes);
    }

    /// <inheritdoc/>
    public override string ToString() => $"test network {Seed}";

    /// <summary>Refuses to start a node when it is too late.</summary>
    /// <exception cref="FaultException">NetworkClosed.</exception>
    internal void EnsureOpen()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                throw new FaultException(Faults.NetworkClosed(this));
            }
        }
    }

    /// <summary>Takes a node that has started; false when the network was disposed meanwhile.</summary>
    internal bool TryAdd(BitswapNode node)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return false;
            }

            _nodes.RemoveAll(old => !old.IsRunning);
            _nodes.Add(node);
            return true;
        }
    }
}

using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Server;

/// <summary>Represents a reply on its way (boxo, decision.Envelope): it is filled, its blocks are read, then it is sent in its turn.</summary>
internal sealed class Envelope(PeerQueue queue)
{
    private readonly List<BlockPresence> _presences = [];
    private List<PeerTask> _tasks = [];
    private IReadOnlyList<ReadOnlyMemory<byte>?>? _data;

    public PeerQueue Queue => queue;

    /// <summary>Gets the tasks that are answered with their block.</summary>
    public IReadOnlyList<PeerTask> Tasks => _tasks;

    public IReadOnlyList<BlockPresence> Presences => _presences;

    /// <summary>Gets what it counts for in <see cref="PeerQueue.OutstandingBytes"/>.</summary>
    public long Bytes { get; private set; }

    /// <summary>Gets whether no block is yet to be read for it.</summary>
    public bool IsLoaded => _tasks.Count == 0 || _data is not null;

    /// <summary>Gets when its message was handed out.</summary>
    public TimeSpan HandedOutAt { get; private set; }

    /// <summary>Adds a block that is to be read.</summary>
    public void Add(PeerTask task, int cost)
    {
        _tasks.Add(task);
        Bytes += cost;
    }

    public void Add(Cid cid, PresenceType word, int cost)
    {
        _presences.Add(new BlockPresence(cid, word));
        Bytes += cost;
    }

    /// <summary>Takes what the store gave for <see cref="Tasks"/>, in their order.</summary>
    public void Loaded(IReadOnlyList<ReadOnlyMemory<byte>?> data) => _data = data;

    /// <summary>Returns what the store gave for a task; null when it has the block no more.</summary>
    public ReadOnlyMemory<byte>? DataOf(int task) => _data![task];

    /// <summary>Makes it hold those tasks only whose block its message carries, and lets go of what the store gave.</summary>
    public void Seal(List<PeerTask> carried)
    {
        _tasks = carried;
        _data = null;
    }

    public void HandedOut(TimeSpan now)
    {
        HandedOutAt = now;
        foreach (PeerTask task in _tasks)
        {
            task.HandedOut();
        }
    }
}

using Bitswap.Protocol.Core;

namespace Bitswap.Protocol.Client;

/// <summary>
/// Wants that share what is learnt about peers: those of one session id and one set of allowed peers. As a timer: the tick that finds it stuck.
/// </summary>
internal sealed class Session(long id, PeerSet? onlyPeers, ClientSide client) : EngineTimer
{
    public long Id => id;

    /// <summary>The only peers that may know; null for all.</summary>
    public PeerSet? OnlyPeers => onlyPeers;

    /// <summary>Wants that no peer was given yet.</summary>
    public LazyHeap<ClientWant> Fresh { get; } = new();

    /// <summary>Wants that wait for a place in the broadcast window.</summary>
    public LazyHeap<ClientWant> AwaitingBroadcast { get; } = new();

    public int Broadcasting { get; set; }

    public List<SessionPeer> Peers { get; } = [];

    /// <summary>Wants that were broadcast as hints since the last answer: see <see cref="SessionPump"/>.</summary>
    public int HintsSinceAnswer { get; set; }

    /// <summary>The moving mean of the sizes of its blocks; null before the first.</summary>
    public int? MeanBlockSize { get; private set; }

    public long BlocksReceived { get; private set; }

    /// <summary>Wants that were taken from slow peers.</summary>
    public long Moved { get; set; }

    /// <summary>To be looked at by <see cref="EndGame"/>.</summary>
    public bool IsMarked { get; set; }

    public EndGameTimer EndGameTimer => field ??= new EndGameTimer(this, client);

    public HashSet<PeerId> Pruned { get; } = [];

    /// <summary><see cref="EngineContext.PeerEpoch"/> at which <see cref="Peers"/> was made up.</summary>
    public long PeersAsOf { get; set; } = -1;

    public int OpenInterests { get; set; }

    /// <summary>When it was made.</summary>
    public TimeSpan Began { get; } = client.Context.Now;

    public bool IsHungry { get; set; }

    public LinkedListNode<Session>? IdleNode { get; set; }

    public TimeSpan LastHeard { get; set; }

    public int TicksInRow { get; set; }

    public bool Allows(PeerId peer) => onlyPeers is null || onlyPeers.Contains(peer);

    public void BlockCame(int size)
    {
        BlocksReceived++;
        MeanBlockSize = MeanBlockSize is { } mean ? mean + ((size - mean) / 8) : size;
        client.EndGame.Mark(this);
    }

    public SessionPeer? Find(PeerLink link)
    {
        foreach (SessionPeer peer in Peers)
        {
            if (peer.Link == link)
            {
                return peer;
            }
        }

        return null;
    }

    public void Remove(PeerLink link)
    {
        for (int i = 0; i < Peers.Count; i++)
        {
            if (Peers[i].Link == link)
            {
                Peers.RemoveAt(i);
                return;
            }
        }
    }

    /// <summary>Makes room for a peer that has shown to have something.</summary>
    public void RemoveWorst()
    {
        int worst = 0;
        for (int i = 1; i < Peers.Count; i++)
        {
            if (Peers[i].FirstResponses < Peers[worst].FirstResponses
                || (Peers[i].FirstResponses == Peers[worst].FirstResponses && Peers[i].MissesInRow > Peers[worst].MissesInRow))
            {
                worst = i;
            }
        }

        Peers.RemoveAt(worst);
    }

    internal override void Fire(TimeSpan now) => client.Ticks.SessionFired(this);
}

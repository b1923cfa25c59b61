using System.Runtime.InteropServices;
using Bitswap.Protocol.Core;
using Bitswap.Protocol.Messages;

namespace Bitswap.Protocol.Client;

/// <summary>Keeps the connected peers and what each is asked: the only place where a request begins and ends.</summary>
internal sealed class RequestTable(EngineContext context, WantlistSender sender)
{
    private readonly List<PeerRequests> _peers = [];

    /// <summary>Gets the connected peers in the order in which they connected.</summary>
    public ReadOnlySpan<PeerRequests> Peers => CollectionsMarshal.AsSpan(_peers);

    public int PeerCount => _peers.Count;

    /// <summary>Gets a number that changes with every peer that comes or goes.</summary>
    public long PeerEpoch { get; private set; }

    /// <summary>Adds a peer that connected.</summary>
    public PeerRequests Connect(Peer peer)
    {
        var requests = new PeerRequests(peer, context);
        _peers.Add(requests);
        PeerEpoch++;
        return requests;
    }

    /// <summary>Removes a peer that is gone. Its requests are still to be released.</summary>
    public void Disconnect(PeerRequests peer)
    {
        _peers.Remove(peer);
        PeerEpoch++;
    }

    /// <summary>Gets whether a request was closed since <see cref="ClearNewRoom"/>, so that its peer may have room.</summary>
    public bool HasNewRoom { get; private set; }

    public void ClearNewRoom() => HasNewRoom = false;

    /// <summary>Asks a peer. For a block it becomes the one peer that is asked for it.</summary>
    public void Ask(ClientWant want, PeerRequests peer, WantType type, byte rank)
    {
        if (!peer.ByHash.TryGetValue(want.Hash, out PeerRequest? request))
        {
            request = new PeerRequest(want, peer);
            peer.ByHash.Add(want.Hash, request);
            want.Add(request);

            if (peer.Cancels.TryGetValue(want.Cid, out bool wasUnheeded) && !wasUnheeded)
            {
                peer.Cancels.Remove(want.Cid);

                // Not withdrawn yet: the peer has it in its list still, and needs no CANCEL unless it is released again.
                request.KeepOnWire(context.Now);
            }
        }

        if (type == WantType.Block)
        {
            want.AskForBlock(request);
            for (PeerRequest? other = want.FirstRequest; other is not null; other = other.NextOfWant)
            {
                if (other != request && other.Answer == RequestAnswer.DontHave)
                {
                    AskOnlyForWord(other);
                }
            }
        }

        request.Open(type);
        sender.Enqueue(request, rank);
    }

    /// <summary>Takes a request for a block from its peer, and asks another for it.</summary>
    public void Move(PeerRequest request, PeerRequests to)
    {
        ClientWant want = request.Want;
        want.Moved();
        context.Counters.WantsMoved++;
        Release(request, withdraw: true);
        Ask(want, to, WantType.Block, 0);
    }

    /// <summary>
    /// Tells a peer again as if it had not been told: first that the want is over, then of the want. One that has the want in its list, or counts the block as sent
    /// (Helia), heeds no other want for it.
    /// </summary>
    public void AskAfresh(PeerRequest request)
    {
        request.Peer.Cancels[request.Want.Cid] = true;
        request.Untell();
        sender.Repeat(request);
        sender.Mark(request.Peer);
    }

    /// <summary>Asks again for what was asked before the peer's stream broke off and is not answered.</summary>
    public void AskAgain(PeerRequests peer)
    {
        peer.AskingAgain();
        while (peer.Live.First is { } request && request.SentAt <= peer.FaultAt)
        {
            AskAfresh(request);
        }
    }

    /// <summary>Closes a request: nothing more is expected of it for now.</summary>
    public void Close(PeerRequest request)
    {
        request.Close();
        HasNewRoom = true;
    }

    /// <summary>Ends a request. A peer that was told, and has not sent the block, is told otherwise where <paramref name="withdraw"/> says so.</summary>
    public void Release(PeerRequest request, bool withdraw)
    {
        PeerRequests peer = request.Peer;
        bool wasUnheeded = peer.IsUnheeded(request);
        Close(request);
        request.Unqueue();
        if (withdraw && request.OnWire)
        {
            peer.Cancels[request.Want.Cid] = wasUnheeded;
            sender.Mark(peer);
        }

        request.TakeOffWire();
        peer.Withdrawn.Add(request.Want.Hash, request.TimesTold);
        peer.ByHash.Remove(request.Want.Hash);
        request.Want.Remove(request);
        if (request.WasTold)
        {
            // What it said over a former connection is out of date.
            request.Want.Forget(peer.Id);
        }
    }

    /// <summary>
    /// Turns a request for a block into one for word of it. A peer without the block keeps the want; while the block comes from elsewhere it is only to say when it has it, too: or each
    /// peer that gets it would send it.
    /// </summary>
    private void AskOnlyForWord(PeerRequest request)
    {
        if (!request.IsQueued && request.OnWire && request.Told == WantType.Block && request.Peer.KnowsPresence)
        {
            sender.Repeat(request, WantType.Have);
        }
    }
}

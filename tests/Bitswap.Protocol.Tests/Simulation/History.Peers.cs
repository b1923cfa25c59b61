namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>The peers: they come and go, and each answers as its temper is.</summary>
internal sealed partial class History
{
    private void ConnectOrNot(PeerId peer)
    {
        if (_connected.ContainsKey(peer))
        {
            Disconnect(peer, new PeerLoss(CanReturn: _random.Next(2) == 0, ByUs: _random.Next(4) == 0, "it ended"));
        }
        else
        {
            Connect(peer);
        }
    }

    private void Connect(PeerId peer)
    {
        BitswapVersion version = _random.Next(4) == 0 ? BitswapVersion.V110 : BitswapVersion.V120;
        _connected.Add(peer, new SimulatedPeer(peer, version, _tempers[peer]));
        _engine.PeerConnected(peer, version, _now);
    }

    private void Disconnect(PeerId peer, PeerLoss loss)
    {
        _connected.Remove(peer, out SimulatedPeer? gone);
        _open.RemoveAll(a => a is SendMessage send && send.Peer.Equals(peer));
        _lost[peer] = new LostConnection(gone!, _now, loss);
        _engine.PeerDisconnected(peer, _now, loss);
    }

    /// <summary>A lost peer is dialled, and is there, or is not.</summary>
    private void Dialled(ConnectPeer connect, bool ok)
    {
        if (_connected.ContainsKey(connect.Peer))
        {
            return;
        }

        if (ok || _random.Next(3) == 0)
        {
            Connect(connect.Peer);
            return;
        }

        bool isFinal = _random.Next(8) == 0;
        if (_lost[connect.Peer].Request == connect.RequestId)
        {
            _lost[connect.Peer].Failures++;
            _lost[connect.Peer].IsFinal = isFinal;
        }

        _engine.ConnectFailed(connect.RequestId, connect.Peer, PeerAnswerKind.Unreachable, "nobody is there", isFinal, _now);
    }

    private void AnswerOrNot(SimulatedPeer peer)
    {
        PeerBehavior temper = peer.PeerBehavior;
        if (_random.NextDouble() < temper.HangsUp)
        {
            Disconnect(peer.Id, new PeerLoss(CanReturn: _random.Next(5) > 0, ByUs: false, "The peer closed the connection."));
            return;
        }

        BitswapMessage answer = temper.Lies ? Lie(peer) : temper.Floods && _random.Next(6) == 0 ? Flood() : Truth(peer);
        if (answer.IsEmpty)
        {
            return;
        }

        if (_random.NextDouble() < temper.BreaksOff)
        {
            foreach (Block block in answer.Blocks)
            {
                peer.Strike(block.Cid.Hash);
            }

            peer.Wrongs.Add((PeerAnswerKind.Reset, _now));
            _engine.StreamBroke(peer.Id, PeerAnswerKind.Reset, _now);
            return;
        }

        foreach (BlockPresence presence in answer.Presences.Where(said => peer.Heard.ContainsKey(said.Cid.Hash)))
        {
            _lastSaid[(peer.Id, presence.Cid.Hash)] = presence.Type;
        }

        _engine.Receive(peer.Id, peer.Say(answer, _now), _now);
    }

    /// <summary>What it was told of, as it is by now; also when it was told otherwise since, which may cross on the way.</summary>
    private BitswapMessage Truth(SimulatedPeer peer)
    {
        var blocks = new List<Block>();
        var presences = new List<BlockPresence>();
        while (blocks.Count + presences.Count < 6 && peer.Due.TryPeek(out WantlistEntry entry, out TimeSpan due) && due <= _now)
        {
            peer.Due.Dequeue();
            if (_holdings[peer.Id].Contains(entry.Cid.Hash))
            {
                if (entry.Type == WantType.Have)
                {
                    presences.Add(new BlockPresence(entry.Cid, PresenceType.Have));
                }
                else if (!blocks.Exists(block => block.Cid.Hash.Equals(entry.Cid.Hash)))
                {
                    blocks.Add(BlockOf(entry.Cid));
                }
            }
            else if (entry.SendDontHave)
            {
                presences.Add(new BlockPresence(entry.Cid, PresenceType.DontHave));
            }
        }

        return new BitswapMessage { Blocks = blocks, Presences = presences };
    }

    private BitswapMessage Lie(SimulatedPeer peer)
    {
        var blocks = new List<Block>();
        var presences = new List<BlockPresence>();
        foreach (WantlistEntry entry in peer.Told.Values.OrderBy(_ => _random.Next()).Take(4).ToArray())
        {
            switch (_random.Next(4))
            {
                case 0:
                    blocks.Add(BlockOf(entry.Cid));
                    break;
                case 1:
                    presences.Add(new BlockPresence(entry.Cid, PresenceType.Have));
                    break;
                default:
                    presences.Add(new BlockPresence(entry.Cid, PresenceType.DontHave));
                    break;
            }
        }

        if (_random.Next(5) == 0)
        {
            // Unasked, as a rule.
            blocks.Add(AnyBlock());
            presences.Add(new BlockPresence(AnyBlock().Cid, (PresenceType)_random.Next(2)));
        }

        return new BitswapMessage { Blocks = blocks, Presences = presences, PendingBytes = _random.Next(2) };
    }

    private BitswapMessage Flood() => new() { Blocks = [.. Enumerable.Range(0, 20).Select(i => TestData.Block(1000 + i, LargestBlock))] };

    private Block BlockOf(Cid cid) => _blocks.First(b => b.Cid.Hash.Equals(cid.Hash));
}

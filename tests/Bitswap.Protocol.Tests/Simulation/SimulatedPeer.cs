namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>A connection of a peer in a random history: its own book of what it was told, what it said, what it asks for and what is under way to it.</summary>
internal sealed class SimulatedPeer(PeerId id, BitswapVersion version, PeerBehavior temper)
{
    private readonly HashSet<Cid> _everTold = [];
    private readonly HashSet<Cid> _everAskedForHave = [];
    private readonly HashSet<Cid> _everAskedForDontHave = [];
    private readonly Dictionary<Cid, SimulatedRequest> _asked = [];
    private readonly HashSet<Cid> _swallowed = [];
    private readonly Dictionary<long, List<SimulatedRequest>> _underWay = [];
    private readonly Dictionary<long, long> _bytesUnderWay = [];

    public PeerId Id => id;

    public BitswapVersion Version => version;

    public PeerBehavior PeerBehavior => temper;

    /// <summary>The wantlist of the engine, as this peer was told it.</summary>
    public Dictionary<Cid, WantlistEntry> Told { get; } = [];

    /// <summary>What it will answer when it answers all: not what it has in its list and heeds no more.</summary>
    public IEnumerable<WantlistEntry> Heeded => Told.Values.Where(entry => !_swallowed.Contains(entry.Cid));

    /// <summary>From now on it swallows nothing; what it has swallowed stays so.</summary>
    public bool IsReformed { get; set; }

    /// <summary>What it has yet to answer, and when it will.</summary>
    public PriorityQueue<WantlistEntry, TimeSpan> Due { get; } = new();

    /// <summary>What was told and said, by multihash.</summary>
    public Dictionary<Multihash, Hearing> Heard { get; } = [];

    /// <summary>What it did wrong, and when: broken streams, wrong blocks.</summary>
    public List<(PeerAnswerKind Kind, TimeSpan At)> Wrongs { get; } = [];

    /// <summary>Bytes of blocks that it sent and was not asked for.</summary>
    public long UnaskedBytes { get; private set; }

    /// <summary>Messages to it that failed.</summary>
    public int FailedSends { get; private set; }

    /// <summary>Bytes of blocks in messages that are not reported sent.</summary>
    public long BytesUnderWay => _bytesUnderWay.Values.Sum();

    public BitswapMessage Ask(IReadOnlyList<WantlistEntry> entries, bool full)
    {
        if (full)
        {
            HashSet<Cid> kept = [.. entries.Where(e => !e.Cancel).Select(e => e.Cid)];
            foreach (Cid cid in _asked.Keys.Where(c => !kept.Contains(c)).ToArray())
            {
                _asked.Remove(cid);
            }
        }

        foreach (WantlistEntry entry in entries)
        {
            if (entry.Cancel)
            {
                _asked.Remove(entry.Cid);
                continue;
            }

            if (!_asked.TryGetValue(entry.Cid, out SimulatedRequest? ask))
            {
                _asked.Add(entry.Cid, ask = new SimulatedRequest(entry.Cid));
            }

            ask.ForBlock |= entry.Type == WantType.Block || version < BitswapVersion.V120;
            if (entry.Type == WantType.Have)
            {
                _everAskedForHave.Add(entry.Cid);
            }

            if (entry.SendDontHave)
            {
                _everAskedForDontHave.Add(entry.Cid);
            }
        }

        return new BitswapMessage { Full = full, Wantlist = entries };
    }

    /// <summary>It sends a message: notes what that says, and strikes blocks off its list in whichever form they were asked for.</summary>
    public BitswapMessage Say(BitswapMessage message, TimeSpan now)
    {
        foreach (Block block in message.Blocks)
        {
            if (Heard.TryGetValue(block.Cid.Hash, out Hearing? hearing) && hearing.Owed > 0)
            {
                hearing.Owed--;
            }
            else
            {
                UnaskedBytes += block.Data.Length;
                Wrongs.Add((PeerAnswerKind.WrongBlock, now));
            }

            Strike(block.Cid.Hash);
        }

        foreach (BlockPresence presence in message.Presences)
        {
            if (Heard.TryGetValue(presence.Cid.Hash, out Hearing? hearing))
            {
                (hearing.Said, hearing.SaidAt) = (presence.Type, now);
            }
        }

        return message;
    }

    /// <summary>It counts a block as sent, in whichever form it was asked for.</summary>
    public void Strike(Multihash hash)
    {
        foreach (Cid cid in Told.Keys.Where(c => c.Hash.Equals(hash)).ToArray())
        {
            Told.Remove(cid);
            _swallowed.Remove(cid);
        }
    }

    /// <summary>What the engine tells of its own wantlist.</summary>
    public void TakeWants(BitswapMessage message, TimeSpan now, Random random, Func<WantlistEntry, bool> mayKnow)
    {
        if (message.Full)
        {
            Told.Clear();
            _swallowed.Clear();
        }

        foreach (WantlistEntry entry in message.Wantlist)
        {
            if (entry.Cancel)
            {
                Assert.True(_everTold.Contains(entry.Cid), "a CANCEL for what the peer was never told");
                Told.Remove(entry.Cid);
                _swallowed.Remove(entry.Cid);
                continue;
            }

            Assert.True(mayKnow(entry), "a want that no open interest lets the peer know");
            Assert.False(entry.Type == WantType.Have && version < BitswapVersion.V120, "WANT_HAVE to an old peer");
            bool isHeeded = !temper.HeedsOnce || !Told.ContainsKey(entry.Cid);
            Told[entry.Cid] = entry;
            _everTold.Add(entry.Cid);
            if (!Heard.TryGetValue(entry.Cid.Hash, out Hearing? hearing))
            {
                Heard.Add(entry.Cid.Hash, hearing = new Hearing());
            }

            hearing.Told.Add(now);
            hearing.Owed++;
            bool isMute = random.NextDouble() < temper.Muteness && !IsReformed;
            if (isHeeded && isMute && temper.HeedsOnce)
            {
                _swallowed.Add(entry.Cid);
            }

            if (isHeeded && !isMute)
            {
                Due.Enqueue(entry, now + (temper.Slowness * random.NextDouble()));
            }
        }
    }

    /// <summary>What the engine answers: each block once for an ask that was not withdrawn, and word to those that want it.</summary>
    public void TakeAnswers(SendMessage send, int haveToBlockSize)
    {
        BitswapMessage message = send.Message;
        Assert.False(version < BitswapVersion.V120 && message.Presences.Count > 0, "presences to an old peer");
        var underWay = new List<SimulatedRequest>();
        foreach (Block block in message.Blocks)
        {
            Assert.True(_asked.TryGetValue(block.Cid, out SimulatedRequest? ask), "a block that was not asked for, was withdrawn or was sent before");
            Assert.False(_underWay.Values.Any(w => w.Contains(ask)) || underWay.Contains(ask), "a block that is under way is sent again");
            Assert.True(ask.ForBlock || block.Data.Length <= haveToBlockSize, "a large block in answer to WANT_HAVE");
            underWay.Add(ask);
        }

        foreach (BlockPresence presence in message.Presences)
        {
            // Word may be behind a block that is being read when its want is withdrawn: it is given all the same.
            HashSet<Cid> asked = presence.Type == PresenceType.Have ? _everAskedForHave : _everAskedForDontHave;
            Assert.True(asked.Contains(presence.Cid), $"{presence.Type} to a peer that did not ask to be told");
        }

        _underWay.Add(send.MessageId, underWay);
        _bytesUnderWay.Add(send.MessageId, message.Blocks.Sum(b => (long)b.Data.Length));
    }

    /// <summary>A message was sent, or was not: then what it brought is still asked for.</summary>
    public void Sent(long messageId, bool ok)
    {
        FailedSends += ok ? 0 : 1;
        _bytesUnderWay.Remove(messageId);
        if (_underWay.Remove(messageId, out List<SimulatedRequest>? asks) && ok)
        {
            foreach (SimulatedRequest ask in asks)
            {
                if (_asked.GetValueOrDefault(ask.Cid) == ask)
                {
                    _asked.Remove(ask.Cid);
                }
            }
        }
    }
}

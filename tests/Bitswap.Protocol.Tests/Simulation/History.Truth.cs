namespace Bitswap.Protocol.Tests.Simulation;

/// <summary>What the engine concludes is true of the world that is played.</summary>
internal sealed partial class History
{
    // over whichever connection it was
    private readonly Dictionary<(PeerId, Multihash), PresenceType> _lastSaid = [];
    private readonly HashSet<Multihash> _notStored = [];
    private readonly Dictionary<long, TimeSpan> _searches = [];

    /// <summary>No want ends for a reason that is not so, and no line of its report tells what was not.</summary>
    private void CheckThatTheEndIsTrue(SimulatedWant want, WantEnded ended)
    {
        Seen.Add(ended.Reason.ToString());
        switch (ended.Reason)
        {
            case WantEndReason.Timeout:
                Assert.True(want.Request.Deadline <= _now, "ended for its time before it was up");
                Assert.False(IsOverdue(want), "ended for its time, and all peers answer since");
                break;
            case WantEndReason.Cancelled:
                Assert.True(want.IsCancelled, "ended as cancelled, and was not");
                break;
            case WantEndReason.StoreFailed:
                Assert.Contains(want.Hash, _notStored);
                break;
            case WantEndReason.NotFound when want.Request.LocalOnly:
                Assert.DoesNotContain(want.Hash, _store.Keys);
                break;
            case WantEndReason.NotFound:
                Assert.True(want.Request.FailFast, "given up, and the caller did not ask for that");
                CheckThatNobodyCouldHaveIt(want);
                break;
            default:
                Assert.Fail($"ended for {ended.Reason}");
                break;
        }

        foreach (PeerAnswer answer in ended.Answers)
        {
            Seen.Add(answer.Kind.ToString());
            Assert.True(want.MayAsk(answer.Peer), "the report tells of a peer that may not know");
            CheckLine(want, answer);
        }
    }

    /// <summary>Whether peers that may know of it have all been there, and have answered whatever they heed, for as long as it takes to tell each of it again twice.</summary>
    private bool IsOverdue(SimulatedWant want) =>
        _answeredFrom < TimeSpan.MaxValue
        && _answeredFrom + (2 * _engine.Options.ResendInterval) + TimeSpan.FromSeconds(10) <= _now
        && !want.Request.LocalOnly
        && _connected.Values.Any(peer => want.MayAsk(peer.Id) && (want.Request.Type == WantType.Block || peer.Version >= BitswapVersion.V120));

    private void CheckThatNobodyCouldHaveIt(SimulatedWant want)
    {
        foreach (SimulatedPeer peer in _connected.Values.Where(p => want.MayAsk(p.Id)))
        {
            bool canBeAsked = peer.Version >= BitswapVersion.V120 || want.Request.Type == WantType.Block;
            bool saidNo = peer.Heard.TryGetValue(want.Hash, out Hearing? hearing) && hearing.Said == PresenceType.DontHave;
            Assert.True(saidNo || !canBeAsked, $"given up, and {peer.Id} has not said no: {hearing?.Said}");
        }

        foreach ((PeerId peer, LostConnection lost) in _lost.Where(l => !_connected.ContainsKey(l.Key) && want.MayAsk(l.Key) && l.Value.Loss.CanReturn))
        {
            bool saidNo = _lastSaid.GetValueOrDefault((peer, want.Hash), PresenceType.Have) == PresenceType.DontHave;
            bool wasTried = lost.Failures > 0 && lost.At < want.Began;
            Assert.True(saidNo || wasTried || lost.IsFinal, $"given up, and {peer} may return: lost at {lost.At}, {lost.Failures} dials, wanted since {want.Began}");
        }

        Assert.DoesNotContain(
            _open.OfType<FindProviders>(),
            find => find.Cid.Hash.Equals(want.Hash) && _now < _searches[find.RequestId] + _engine.Options.ProviderSearchTimeout);
    }

    private void CheckLine(SimulatedWant want, PeerAnswer answer)
    {
        bool isHere = _connected.TryGetValue(answer.Peer, out SimulatedPeer? peer);
        peer ??= _lost[answer.Peer].Former;
        Hearing? hearing = peer.Heard.GetValueOrDefault(want.Hash);
        string what = $"{answer.Kind} of {answer.Peer}, which said {hearing?.Said} at {hearing?.SaidAt} and was told at {string.Join(' ', hearing?.Told ?? [])}; now {_now}";
        switch (answer.Kind)
        {
            case PeerAnswerKind.DontHave:
                Assert.True(_lastSaid.GetValueOrDefault((answer.Peer, want.Hash), PresenceType.Have) == PresenceType.DontHave, what);
                break;
            case PeerAnswerKind.Have:
                Assert.True(isHere && hearing?.Said == PresenceType.Have, what);
                break;
            case PeerAnswerKind.Silent:
                TimeSpan since = _now - answer.Latency!.Value;
                Assert.True(isHere && hearing!.Told[0] <= since && hearing.SaidAt <= since, $"{what}, silent since {since}");
                break;
            case PeerAnswerKind.Waiting:
                Assert.True(isHere && hearing!.Told.Count > 0, what);
                break;
            case PeerAnswerKind.HungUp or PeerAnswerKind.WeHungUp:
                Assert.True(_lost.TryGetValue(answer.Peer, out LostConnection? lost), what);
                break;
            case PeerAnswerKind.Unreachable:
                Assert.True(!isHere && _lost[answer.Peer].Failures > 0, what);
                break;
            case PeerAnswerKind.CannotAsk:
                Assert.True(isHere && peer.Version < BitswapVersion.V120, what);
                break;
            default:
                Assert.True(isHere && peer.Wrongs.Exists(wrong => wrong.Kind == answer.Kind && wrong.At >= hearing!.Told[0]), what);
                break;
        }
    }

    /// <summary>No peer is dropped that kept the rules.</summary>
    private void CheckThatTheDropIsDeserved(DropPeer drop)
    {
        Assert.True(_connected.TryGetValue(drop.Peer, out SimulatedPeer? peer), "an absent peer is dropped");
        Seen.Add(drop.MayReturn ? "DroppedForSends" : "DroppedForBlocks");
        if (drop.MayReturn)
        {
            Assert.InRange(peer!.FailedSends, _engine.Options.MaxSendAttempts, int.MaxValue);
        }
        else
        {
            Assert.False(peer!.PeerBehavior.KeepsRules, $"{drop.Peer} kept the rules: {drop.Reason}");
            Assert.True(peer.UnaskedBytes > _engine.Options.MaxUnwantedBytes, $"{drop.Peer} sent {peer.UnaskedBytes} bytes unasked: {drop.Reason}");
        }
    }
}

namespace Bitswap.Node.Probing;

/// <summary>Asks one connected peer whether it has a block, and tells no other.</summary>
internal static class HaveQuestion
{
    /// <summary>The peer has it.</summary>
    public const string Have = "Have";

    /// <summary>Instead of an answer: the block follows from the CID, and peers are not asked for such.</summary>
    public const string NotAsked = "NotAsked";

    /// <summary>The time that a peer has to answer where none is given: longer than what the network's clients wait.</summary>
    private static readonly TimeSpan _defaultTime = TimeSpan.FromSeconds(10);

    /// <summary>Asks the peer, also for a block that the node has. That it says no, or nothing in time, is an answer.</summary>
    /// <param name="node">Who asks.</param>
    /// <param name="cid">What it asks for.</param>
    /// <param name="peer">Whom.</param>
    /// <param name="time">How long the peer has; null for ten seconds.</param>
    /// <param name="cancellationToken">Gives up the question.</param>
    /// <exception cref="BitswapException"><c>NodeStopped</c> and others that are no answer.</exception>
    public static async Task<HaveAnswer> AskAsync(NodeHost node, Cid cid, PeerId peer, TimeSpan? time, CancellationToken cancellationToken)
    {
        long asked = node.Clock.GetTimestamp();
        WantOptions options = new() { Type = WantType.Have, OnlyPeers = [peer], Timeout = time ?? _defaultTime, FailFast = true, SkipStore = true };
        NodeWant want = await node.WantAsync(cid, options, cancellationToken).ConfigureAwait(false);
        string answer;
        try
        {
            await want.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
            answer = peer.Equals(want.From) ? Have : NotAsked;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await want.CancelAsync().ConfigureAwait(false);
            throw;
        }
        catch (BlockUnavailableException none)
        {
            answer = none.Asked.FirstOrDefault(candidate => candidate.Peer.Equals(peer)) switch
            {
                null => none.ErrorId,
                { Kind: PeerAnswerKind.Waiting } => nameof(PeerAnswerKind.Silent),
                { } said => said.Kind.ToString(),
            };
        }

        return new HaveAnswer(answer, node.Clock.GetElapsedTime(asked));
    }
}

/// <summary>The answer of a peer that was asked whether it has a block.</summary>
/// <param name="Answer"><see cref="HaveQuestion.Have"/>, <see cref="HaveQuestion.NotAsked"/>, the name of a <see cref="PeerAnswerKind"/>, or the id of an error.</param>
/// <param name="Latency">From asking to that.</param>
/// <param name="Reason">Why it could not be asked, where it could not.</param>
internal readonly record struct HaveAnswer(string Answer, TimeSpan Latency, string? Reason = null);

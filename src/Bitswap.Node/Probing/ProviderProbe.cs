using System.Globalization;
using Bitswap.Libp2p.Connections;
using Bitswap.Node.Routing;

namespace Bitswap.Node.Probing;

/// <summary>Finds out whether a peer serves a block now: dials it where it is not connected, asks it by WANT_HAVE, and hangs up again.</summary>
internal static class ProviderProbe
{
    /// <summary>Instead of an answer: the peer cannot be reached.</summary>
    public const string Unreachable = "Unreachable";

    /// <summary>Instead of an answer: the peer speaks no Bitswap, or one that cannot say whether it has a block.</summary>
    public const string CannotAsk = nameof(PeerAnswerKind.CannotAsk);

    /// <summary>Asks the peer, and returns what it said or why it could not be asked. Only a node that has stopped, or a caller who gives up, is an exception.</summary>
    /// <param name="node">Who asks.</param>
    /// <param name="cid">What for.</param>
    /// <param name="provider">Whom, and where it can be dialled where it is not connected.</param>
    /// <param name="time">How long all of it may take; null for as long as the node's own limits and <see cref="HaveQuestion"/> let it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<HaveAnswer> RunAsync(
        NodeHost node, Cid cid, NamedProvider provider, TimeSpan? time, CancellationToken cancellationToken)
    {
        long started = node.Clock.GetTimestamp();
        using CancellationTokenSource late = new(time ?? Timeout.InfiniteTimeSpan, node.Clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            using ConnectionLease lease = await node.LeaseAsync(provider.Peer, provider.Addresses, node.Routing.Options.TermsOf(provider.Reach), either.Token).ConfigureAwait(false);
            return node.SpeaksBitswap(provider.Peer)
                ? await HaveQuestion.AskAsync(node, cid, provider.Peer, Left(), cancellationToken).ConfigureAwait(false)
                : new HaveAnswer(CannotAsk, node.Clock.GetElapsedTime(started), "it speaks no Bitswap");
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new HaveAnswer(Unreachable, node.Clock.GetElapsedTime(started), string.Create(CultureInfo.InvariantCulture, $"it was not reached within {time!.Value.TotalSeconds:0.###} seconds"));
        }
        catch (BitswapException unreachable) when (unreachable.ErrorId != NodeErrorIds.NodeStopped)
        {
            return new HaveAnswer(Unreachable, node.Clock.GetElapsedTime(started), unreachable.Message);
        }

        // What is over already is the question's to find out.
        TimeSpan? Left() => time is { } whole ? TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, (whole - node.Clock.GetElapsedTime(started)).Ticks)) : null;
    }
}

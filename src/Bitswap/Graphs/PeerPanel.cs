using System.Collections.Concurrent;
using Bitswap.Blocks;
using Bitswap.Dag.Walk;
using Bitswap.Errors;

namespace Bitswap.Graphs;

/// <summary>
/// The peers that are asked for the blocks of one graph. One that has said nothing for the whole time is asked no more, so that its silence
/// costs that time once, and not with each block. Thread-safe.
/// </summary>
internal sealed class PeerPanel(GraphSource source, IReadOnlyList<PeerId> peers, TimeSpan time)
{
    private static readonly string _cannotAsk = PeerAnswerKind.CannotAsk.ToString();
    private static readonly string _silence = PeerAnswerKind.Silent.ToString();
    private readonly ConcurrentDictionary<PeerId, bool> _silent = new();

    /// <summary>Says the size of a stored block, and 0 of one that a peer has. It throws as <see cref="ReadAsync"/>.</summary>
    /// <param name="readStored">Whether what is stored is to be read whatever its size.</param>
    public LeafSizer LeafSize(bool readStored) => async (cid, claimed, cancellationToken) =>
    {
        if (await source.StoredSizeAsync(cid, cancellationToken).ConfigureAwait(false) is { } size)
        {
            return readStored || (claimed is not null && claimed != size) ? null : size;
        }

        (PeerId? holder, List<BitswapBlockStatus> answers) = await AskAsync(cid, cancellationToken).ConfigureAwait(false);
        return holder is null ? throw new FaultException(Faults.NobodyHas(cid, answers.Select(answer => $"{answer.PeerId} {answer.Answer}"))) : 0;
    };

    /// <summary>Reads a stored block, or fetches one that a peer has; peers that cannot be asked for word are asked for the block itself.</summary>
    /// <exception cref="FaultException"><c>Timeout</c>: none is left to be asked. <c>BlockUnavailable</c>: none has it.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(Cid cid, CancellationToken cancellationToken)
    {
        if (await source.StoredSizeAsync(cid, cancellationToken).ConfigureAwait(false) is not null)
        {
            return await source.Reader(cid, cancellationToken).ConfigureAwait(false);
        }

        (PeerId? holder, List<BitswapBlockStatus> answers) = await AskAsync(cid, cancellationToken).ConfigureAwait(false);
        PeerId[] sources = holder is not null ? [holder] : [.. answers.Where(answer => answer.Answer == _cannotAsk).Select(answer => answer.Peer!)];
        if (sources.Length == 0)
        {
            throw new FaultException(Faults.NobodyHas(cid, answers.Select(answer => $"{answer.PeerId} {answer.Answer}")));
        }

        try
        {
            return await source.ReadAsync(cid, sources, cancellationToken).ConfigureAwait(false);
        }
        catch (BitswapException failure) when (failure.ErrorId == NodeErrorIds.Timeout)
        {
            foreach (PeerId peer in sources)
            {
                _silent[peer] = true;
            }

            throw;
        }
    }

    /// <summary>The first peer that says it has a block, or what they all said.</summary>
    private async Task<(PeerId? Holder, List<BitswapBlockStatus> Answers)> AskAsync(Cid cid, CancellationToken cancellationToken)
    {
        PeerId[] left = [.. peers.Where(peer => !_silent.ContainsKey(peer))];
        if (left.Length == 0)
        {
            throw new FaultException(Faults.AllSilent(cid, time));
        }

        List<BitswapBlockStatus> answers = [];
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<BitswapBlockStatus>[] questions = [.. left.Select(peer => PeerQuestion.AskAsync(source.Node, cid, peer, time, enough.Token))];
        try
        {
            await foreach (Task<BitswapBlockStatus> question in Task.WhenEach(questions).ConfigureAwait(false))
            {
                BitswapBlockStatus answer = await question.ConfigureAwait(false);
                answers.Add(answer);
                if (answer.Available)
                {
                    return (answer.Peer, answers);
                }

                if (answer.Answer == _silence)
                {
                    _silent[answer.Peer!] = true;
                }
            }

            return (null, answers);
        }
        finally
        {
            await enough.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(questions)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}

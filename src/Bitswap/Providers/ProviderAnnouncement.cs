using Bitswap.Errors;
using Bitswap.Multiformats;
using Bitswap.Pipeline;

namespace Bitswap.Providers;

/// <summary>Announces one block in one place.</summary>
/// <param name="node">The node that has it.</param>
/// <param name="target">Where it is announced.</param>
/// <param name="cid">The block.</param>
internal sealed class ProviderAnnouncement(BitswapNode node, IProviderTarget target, Cid cid)
{
    private readonly List<string> _peers = [];
    private readonly List<BitswapRefusal> _refusals = [];
    private bool _isOutOfReach;

    /// <summary>Announces it, and returns what writes how that ended. Those who were told before the time was up are told of, too.</summary>
    public async Task<Action<IPipelineSink>> RunAsync(double seconds, CancellationToken cancellationToken)
    {
        Fault? fault = null;
        try
        {
            fault = await TimeLimit.RunAsync(TellAsync, seconds, cid, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (FaultMap.TryMap(failure, cid, out Fault? mapped))
        {
            fault = mapped;
        }

        return sink =>
        {
            if (_peers.Count + _refusals.Count > 0)
            {
                sink.WriteObject(new BitswapProviderRecord
                {
                    Cid = cid.ToString(),
                    Source = target.Kind,
                    Peers = [.. _peers],
                    Refusals = [.. _refusals],
                    Node = node.Name,
                });
            }

            if (fault is not null)
            {
                sink.WriteFault(fault);
            }
        };
    }

    private async ValueTask<Fault?> TellAsync(CancellationToken cancellationToken)
    {
        if (await node.Host.GetLocalSizeAsync(cid, cancellationToken).ConfigureAwait(false) is null)
        {
            return Faults.NotHere(cid);
        }

        await foreach (ToldPeer told in target.ProvideAsync(cid, cancellationToken).ConfigureAwait(false))
        {
            if (told.Refusal is null)
            {
                _peers.Add(told.Peer.ToString());
            }
            else
            {
                _refusals.Add(new BitswapRefusal { PeerId = told.Peer.ToString(), Reason = told.Refusal });
                _isOutOfReach |= told.IsOutOfReach;
            }
        }

        return _peers.Count > 0 ? null
            : _refusals.Count == 0 ? Faults.KeyTooLong(cid)
            : Faults.NotPublished(cid, _refusals.Count, _refusals[0].Reason, _isOutOfReach);
    }
}

using Bitswap.Pipeline;

namespace Bitswap.Binding;

/// <summary>The peers of <c>-Peer</c>, connected once for each node.</summary>
internal sealed class PeerSelection(IReadOnlyList<PeerArgument> arguments)
{
    private readonly Dictionary<BitswapNode, IReadOnlyList<PeerId>> _known = [];

    /// <summary>The ids; who is not connected and came with an address is dialled.</summary>
    /// <exception cref="Errors.FaultException">InvalidPeerId or NoPeerAddress.</exception>
    /// <exception cref="BitswapException">A peer cannot be reached.</exception>
    public IReadOnlyList<PeerId> Resolve(BitswapNode node, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(node, out IReadOnlyList<PeerId>? known))
        {
            return known;
        }

        List<PeerId> peers = [];
        foreach (PeerArgument argument in arguments)
        {
            PeerId peer = argument.Resolve();
            if (!node.Host.IsConnected(peer))
            {
                if (argument.Addresses.Count == 0)
                {
                    throw new Errors.FaultException(Errors.Faults.NoPeerAddress(peer));
                }

                PipelineThread.Wait(node.Host.ConnectAsync(argument.Addresses, cancellationToken));
            }

            peers.Add(peer);
        }

        _known.Add(node, peers);
        return peers;
    }
}

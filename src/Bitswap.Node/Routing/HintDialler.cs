using Bitswap.Libp2p.Addresses;
using Bitswap.Node.Core;
using Bitswap.Node.Networks.Http;
using Bitswap.Node.Peers;

namespace Bitswap.Node.Routing;

/// <summary>
/// Connects to the providers that a link names (IPIP-504, a draft: <c>ipfs://cid?provider=multiaddr</c>). A link may come from anyone, so an address that is nearer than this
/// node's own is not dialled: who is reached from the internet dials no hint into the local network.
/// </summary>
internal sealed class HintDialler(PeerConnector connector, NodeRouting routing, TimeProvider clock)
{
    /// <summary>How many addresses of one link are used; the rest is left out.</summary>
    public const int MaxHints = 16;

    private readonly RunningTasks _dials = new();

    /// <summary>Dials all of them at once, and waits until the first is connected or none is left; the others go on.</summary>
    /// <param name="hints">The addresses, as the link has them.</param>
    /// <param name="source">How far this node's own addresses reach.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<HintReport> ConnectAsync(IReadOnlyList<Multiaddr> hints, AddressScope source, CancellationToken cancellationToken)
    {
        List<string> problems = [];
        Dictionary<PeerId, List<Multiaddr>> peers = [];
        foreach (Multiaddr hint in hints.Take(MaxHints))
        {
            if (!TryRead(hint, source, out PeerId? peer, out Multiaddr? address, out string problem))
            {
                problems.Add($"{hint}: {problem}");
            }
            else if (peers.TryGetValue(peer, out List<Multiaddr>? known))
            {
                known.Add(address);
            }
            else if (!peer.Equals(connector.PeerId))
            {
                peers.Add(peer, [address]);
            }
        }

        List<Task<string?>> dials = [.. peers.Select(pair => DialAsync(pair.Key, pair.Value, routing.Options.TermsOf(source)))];
        dials.ForEach(_dials.Track);
        while (dials.Count > 0)
        {
            Task<string?> ended = await Task.WhenAny(dials).WaitAsync(cancellationToken).ConfigureAwait(false);
            dials.Remove(ended);
            if (await ended.ConfigureAwait(false) is not { } problem)
            {
                return new HintReport(true, problems);
            }

            problems.Add(problem);
        }

        return new HintReport(false, problems);
    }

    /// <summary>Ends when no dial is under way; those of a network that is gone end at once.</summary>
    public Task WhenAllAsync() => _dials.WhenAllAsync();

    private bool TryRead(Multiaddr hint, AddressScope source, out PeerId peer, out Multiaddr address, out string problem)
    {
        bool isGateway = HttpAddress.TryParse(hint, out HttpAddress? gateway);
        peer = isGateway ? gateway!.PeerId : hint.PeerId!;
        address = isGateway ? gateway!.Multiaddr : hint;
        problem = isGateway && !routing.AsksGateways ? "gateways are asked with the option HttpRetrieval alone"
            : peer is null ? "it names no peer"
            : !isGateway && !AddressTransports.IsDialable(hint) ? $"this node dials {AddressTransports.Dialled}"
            : !routing.Options.Rule.Admits(hint, source) ? "it is nearer than the addresses of this node, or the options of the node do not allow it"
            : "";
        return problem.Length == 0;
    }

    private async Task<string?> DialAsync(PeerId peer, List<Multiaddr> addresses, DialTerms terms)
    {
        using CancellationTokenSource late = new(routing.Options.ProviderDialTimeout, clock);
        try
        {
            if (!await connector.KeepAsync(peer, late.Token).ConfigureAwait(false))
            {
                await connector.ConnectAsync(addresses, terms, late.Token).ConfigureAwait(false);
            }

            return null;
        }
        catch (BitswapException failure)
        {
            return failure.Message;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return $"{peer} did not answer within {NodeErrors.Seconds(routing.Options.ProviderDialTimeout)}";
        }
    }
}

/// <summary>What came of dialling the providers that a link names.</summary>
/// <param name="IsConnected">Whether one is connected.</param>
/// <param name="Problems">What kept others from it, as far as it is known.</param>
internal sealed record HintReport(bool IsConnected, IReadOnlyList<string> Problems);

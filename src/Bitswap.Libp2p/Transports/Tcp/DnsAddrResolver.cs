using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>
/// Looks up what a <c>/dnsaddr</c> stands for: the addresses that the TXT records of <c>_dnsaddr.NAME</c> hold, which may be such names themselves
/// (github.com/multiformats/multiaddr, protocols/DNSADDR.md). The holder of a name decides how many there are, so depth, look-ups and addresses are bounded.
/// </summary>
internal sealed class DnsAddrResolver(Libp2pOptions options, Func<string, CancellationToken, Task<IReadOnlyList<string>>>? lookUp = null)
{
    /// <summary>How many names are gone through from one to the next.</summary>
    public const int MaxDepth = 4;

    /// <summary>How many names are looked up for one address.</summary>
    public const int MaxLookUps = 16;

    private const string Prefix = "dnsaddr=";

    private readonly Func<string, CancellationToken, Task<IReadOnlyList<string>>> _lookUp = lookUp ?? TxtRecords.LookUpAsync;

    /// <summary>
    /// Returns the addresses that this host can dial of those that <paramref name="address"/> stands for: with the same <c>/p2p/</c> where it has one, and at most as many as are
    /// tried for one peer.
    /// </summary>
    /// <param name="address">The name.</param>
    /// <param name="isRelay">Whether a relay is meant, which is reached over no other: addresses that lead over one are none then.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="Libp2pException">PeerUnreachable: there is none, or no answer came within the resolve timeout.</exception>
    public async Task<IReadOnlyList<Multiaddr>> ResolveAsync(Multiaddr address, bool isRelay, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(options.ResolveTimeout, options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        List<Multiaddr> found = [];
        HashSet<Multiaddr> seen = [address];
        Queue<(Multiaddr Name, int Depth)> open = new([(address, 1)]);
        List<string> reasons = [];
        int lookUps = 0;
        try
        {
            while (found.Count < options.MaxAddressesPerDial && open.TryDequeue(out (Multiaddr Name, int Depth) next))
            {
                if (lookUps++ == MaxLookUps)
                {
                    reasons.Add($"more than {MaxLookUps} names were to be looked up.");
                    break;
                }
                foreach (Multiaddr given in await GiveAsync(next.Name, reasons, either.Token).ConfigureAwait(false))
                {
                    if ((address.PeerId is not null && given.PeerId != address.PeerId) || !seen.Add(given))
                    {
                        continue;
                    }
                    if (!AddressTransports.IsDnsAddr(given))
                    {
                        Take(given);
                    }
                    else if (next.Depth < MaxDepth)
                    {
                        open.Enqueue((given, next.Depth + 1));
                    }
                    else
                    {
                        reasons.Add($"{given} is more than {MaxDepth} names away.");
                    }
                }
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            if (found.Count == 0)
            {
                throw new Libp2pException(Libp2pErrorIds.PeerUnreachable, $"Resolving {address} took longer than {options.ResolveTimeout}.");
            }
        }
        return found.Count > 0
            ? found
            : throw new Libp2pException(
                Libp2pErrorIds.PeerUnreachable,
                $"{address} stands for no address that this host dials. {string.Join(' ', reasons)}".TrimEnd());

        void Take(Multiaddr given)
        {
            if (!AddressTransports.IsDialable(given))
            {
                reasons.Add($"{given} is for {AddressTransports.ForeignNameOf(given)}.");
            }
            else if (isRelay && !AddressTransports.IsDirect(given))
            {
                reasons.Add($"{given} leads over a relay, and a relay is dialled directly.");
            }
            else if (found.Count < options.MaxAddressesPerDial)
            {
                found.Add(given);
            }
        }
    }

    /// <summary>Returns what the records of one name hold. One that cannot be looked up gives nothing but the reason: others may do.</summary>
    private async Task<IEnumerable<Multiaddr>> GiveAsync(Multiaddr name, List<string> reasons, CancellationToken ct)
    {
        try
        {
            IReadOnlyList<string> texts = await _lookUp($"_dnsaddr.{name.Components[0].Value}", ct).WaitAsync(ct).ConfigureAwait(false);
            return from text in texts
                   where text.StartsWith(Prefix, StringComparison.Ordinal)
                   let given = Multiaddr.TryParse(text[Prefix.Length..], out Multiaddr? parsed) ? parsed : null
                   where given is not null
                   select given;
        }
        catch (Libp2pException error)
        {
            reasons.Add(error.Message);
            return [];
        }
    }
}

using System.Net;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Errors;
using DnsClient;
using DnsClient.Protocol;

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
    /// <exception cref="Libp2pException">PeerUnreachable: there is none, or no answer came within the resolve timeout.</exception>
    public async Task<IReadOnlyList<Multiaddr>> ResolveAsync(Multiaddr address, CancellationToken ct)
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

/// <summary>Looks up the TXT records of names, which .NET cannot.</summary>
internal static class TxtRecords
{
    // asks the system's servers, follows them when the network changes, and remembers answers for as long as those say
    private static readonly Lazy<LookupClient> _client = new(() => new LookupClient(new LookupClientOptions { ExtendedDnsBufferSize = 1232 }));

    /// <summary>Returns the texts of a name, asked of the system's name servers.</summary>
    /// <exception cref="Libp2pException">PeerUnreachable: the name is unknown, or no server answers.</exception>
    public static Task<IReadOnlyList<string>> LookUpAsync(string name, CancellationToken ct) => LookUpAsync(_client.Value, name, ct);

    /// <summary>Returns the texts of a name, asked of one server alone.</summary>
    /// <exception cref="Libp2pException">PeerUnreachable: the name is unknown, or the server does not answer.</exception>
    public static Task<IReadOnlyList<string>> LookUpAsync(IPEndPoint server, string name, CancellationToken ct) =>
        LookUpAsync(new LookupClient(new LookupClientOptions(server) { UseCache = false }), name, ct);

    private static async Task<IReadOnlyList<string>> LookUpAsync(LookupClient client, string name, CancellationToken ct)
    {
        try
        {
            IDnsQueryResponse answer = await client.QueryAsync(name, QueryType.TXT, cancellationToken: ct).ConfigureAwait(false);
            return !answer.HasError
                ? [.. answer.Answers.OfType<TxtRecord>().Select(record => string.Concat(record.Text))]
                : throw Failed(name, answer.ErrorMessage);
        }
        catch (DnsResponseException error)
        {
            throw Failed(name, error.Message, error);
        }
        catch (ArgumentException error)
        {
            // a name that DNS has no form for, such as one with a label of more than 63 characters
            throw Failed(name, error.Message, error);
        }
    }

    private static Libp2pException Failed(string name, string why, Exception? cause = null) =>
        new(Libp2pErrorIds.PeerUnreachable, $"Looking up the TXT records of {name} failed: {why}", cause);
}

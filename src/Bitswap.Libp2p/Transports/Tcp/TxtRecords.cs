using System.Net;
using Bitswap.Libp2p.Errors;
using DnsClient;
using DnsClient.Protocol;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>Looks up the TXT records of names, which .NET cannot.</summary>
internal static class TxtRecords
{
    // asks the system's servers, follows them when the network changes, and remembers answers for as long as those say
    private static readonly Lazy<LookupClient> _client = new(() => new LookupClient(new LookupClientOptions { ExtendedDnsBufferSize = 1232 }));

    /// <summary>The texts of a name, asked of the system's name servers.</summary>
    /// <exception cref="Libp2pException">PeerUnreachable: the name is unknown, or no server answers.</exception>
    public static Task<IReadOnlyList<string>> LookUpAsync(string name, CancellationToken ct) => LookUpAsync(_client.Value, name, ct);

    /// <summary>The texts of a name, asked of one server alone.</summary>
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

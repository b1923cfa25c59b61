using System.Net;
using Bitswap.Libp2p.Errors;
using DnsClient;
using DnsClient.Protocol;

namespace Bitswap.Libp2p.Transports.Tcp;

/// <summary>Looks up the TXT records of names, which .NET cannot.</summary>
public static class TxtRecords
{
    // a server that answers over UDP sends that much at once, and the rest over TCP
    private const int MaxDatagram = 1232;

    // asks the system's servers, follows them when the network changes, and remembers answers for as long as those say
    private static readonly Lazy<LookupClient> _client = new(() => new LookupClient(new LookupClientOptions { ExtendedDnsBufferSize = MaxDatagram }));

    // for those who remember answers themselves
    private static readonly Lazy<LookupClient> _forgetful = new(() => new LookupClient(new LookupClientOptions { ExtendedDnsBufferSize = MaxDatagram, UseCache = false }));

    /// <summary>Asks the system's name servers for the records of a name. Nothing is remembered of it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The records; none where the name is unknown.</returns>
    /// <exception cref="Libp2pException">PeerUnreachable: no server answers.</exception>
    public static Task<TxtAnswer> QueryAsync(string name, CancellationToken ct) => QueryAsync(_forgetful.Value, name, ct);

    /// <summary>Asks one server alone.</summary>
    /// <inheritdoc cref="QueryAsync(string, CancellationToken)"/>
    public static Task<TxtAnswer> QueryAsync(IPEndPoint server, string name, CancellationToken ct) => QueryAsync(Client(server), name, ct);

    /// <summary>Returns the texts of a name, asked of the system's name servers.</summary>
    /// <exception cref="Libp2pException">PeerUnreachable: the name is unknown, or no server answers.</exception>
    internal static Task<IReadOnlyList<string>> LookUpAsync(string name, CancellationToken ct) => LookUpAsync(_client.Value, name, ct);

    /// <summary>Returns the texts of a name, asked of one server alone.</summary>
    /// <exception cref="Libp2pException">PeerUnreachable: the name is unknown, or the server does not answer.</exception>
    internal static Task<IReadOnlyList<string>> LookUpAsync(IPEndPoint server, string name, CancellationToken ct) => LookUpAsync(Client(server), name, ct);

    private static async Task<IReadOnlyList<string>> LookUpAsync(LookupClient client, string name, CancellationToken ct)
    {
        IDnsQueryResponse answer = await AskAsync(client, name, ct).ConfigureAwait(false);
        return !answer.HasError ? [.. TextsOf(answer)] : throw Failed(name, answer.ErrorMessage);
    }

    private static async Task<TxtAnswer> QueryAsync(LookupClient client, string name, CancellationToken ct)
    {
        IDnsQueryResponse answer = await AskAsync(client, name, ct).ConfigureAwait(false);
        if (answer.HasError && answer.Header.ResponseCode != DnsHeaderResponseCode.NotExistentDomain)
        {
            throw Failed(name, answer.ErrorMessage);
        }
        string[] texts = [.. TextsOf(answer)];
        return new TxtAnswer(texts, texts.Length == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(answer.Answers.Min(record => record.InitialTimeToLive)));
    }

    private static IEnumerable<string> TextsOf(IDnsQueryResponse answer) => answer.Answers.OfType<TxtRecord>().Select(record => string.Concat(record.Text));

    private static async Task<IDnsQueryResponse> AskAsync(LookupClient client, string name, CancellationToken ct)
    {
        try
        {
            return await client.QueryAsync(name, QueryType.TXT, cancellationToken: ct).ConfigureAwait(false);
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

    private static LookupClient Client(IPEndPoint server) => new(new LookupClientOptions(server) { UseCache = false });

    private static Libp2pException Failed(string name, string why, Exception? cause = null) =>
        new(Libp2pErrorIds.PeerUnreachable, $"Looking up the TXT records of {name} failed: {why}", cause);
}

/// <summary>Represents the TXT records of a name.</summary>
/// <param name="Texts">The texts; none where there are no records.</param>
/// <param name="Ttl">How long they may be remembered: the shortest time of all.</param>
public sealed record TxtAnswer(IReadOnlyList<string> Texts, TimeSpan Ttl);

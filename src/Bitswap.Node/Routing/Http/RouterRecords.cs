using System.Text.Json;
using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Routing.Http;

/// <summary>Reads the records of the Delegated Routing V1 HTTP API: schema <c>peer</c>, and <c>bitswap</c>, which went before it.</summary>
internal sealed class RouterRecords(RoutingOptions options, ProviderTally tally, AddressScope source)
{
    // More than any peer speaks.
    private const int MaxProtocols = 64;

    private readonly DialRule _rule = options.Rule;

    /// <summary>Gets whether anything was a record, if perhaps a bad one: it says of which schema it is.</summary>
    public bool IsAny { get; private set; }

    /// <summary>Reads one line of an answer in lines; null where it names no provider. What is wrong with it is counted.</summary>
    public FoundProvider? Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument record = JsonDocument.Parse(line);
            return Read(record.RootElement);
        }
        catch (JsonException)
        {
            tally.Records++;
            tally.Malformed++;
            return null;
        }
    }

    /// <summary>Reads one record; null where it names no provider. What is wrong with it is counted.</summary>
    public FoundProvider? Read(JsonElement record)
    {
        tally.Records++;
        try
        {
            if (record.ValueKind != JsonValueKind.Object || Text(record, "Schema") is not { } schema)
            {
                tally.Malformed++;
                return null;
            }

            IsAny = true;
            if (schema is not ("peer" or "bitswap"))
            {
                tally.Unknown++;
                return null;
            }

            if (!PeerId.TryParse(Text(record, "ID"), out PeerId? peer) || !TryList(record, "Addrs", out JsonElement addresses) || !TryList(record, "Protocols", out JsonElement protocols))
            {
                tally.Malformed++;
                return null;
            }

            tally.Providers++;
            Multiaddr[] read = Addresses(addresses, peer, out bool hasRefused);
            return new FoundProvider(
                peer,
                read,
                ProviderSourceKind.Delegated,
                schema == "peer" ? Protocols(protocols) : Text(record, "Protocol") is { } protocol ? [protocol] : [])
            {
                Reach = source,
                HasRefused = hasRefused,
            };
        }
        catch (InvalidOperationException)
        {
            // A text that is no UTF-8, or half of a surrogate pair.
            tally.Malformed++;
            return null;
        }
    }

    private Multiaddr[] Addresses(JsonElement list, PeerId peer, out bool hasRefused)
    {
        hasRefused = false;
        List<Multiaddr> addresses = [];
        foreach (JsonElement item in Items(list))
        {
            if (addresses.Count < options.MaxProviderAddresses && item.ValueKind == JsonValueKind.String && Complete(item.GetString(), peer) is { } address)
            {
                if (!_rule.Admits(address, source))
                {
                    hasRefused = true;
                    tally.Refused++;
                }
                else if (!addresses.Contains(address))
                {
                    addresses.Add(address);
                }
            }
            else
            {
                tally.Addresses++;
            }
        }

        return [.. addresses];
    }

    /// <summary>Returns an address that ends with the peer's id; null for one that cannot be read or ends with another's.</summary>
    private static Multiaddr? Complete(string? text, PeerId peer)
    {
        if (!Multiaddr.TryParse(text, out Multiaddr? address))
        {
            return null;
        }

        if (address.Components[^1].Protocol == "p2p")
        {
            return peer.Equals(address.PeerId) ? address : null;
        }

        return address.Bytes.Length + peer.Bytes.Length + 8 <= Multiaddr.MaxLength ? address.WithPeerId(peer) : null;
    }

    private static string[] Protocols(JsonElement list) =>
        [.. Items(list).Where(item => item.ValueKind == JsonValueKind.String).Take(MaxProtocols).Select(item => item.GetString()!).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<JsonElement> Items(JsonElement list) => list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    private static bool TryList(JsonElement record, string name, out JsonElement list) =>
        !record.TryGetProperty(name, out list) || list.ValueKind is JsonValueKind.Array or JsonValueKind.Null;

    private static string? Text(JsonElement record, string name) =>
        record.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

using Bitswap.Libp2p.Addresses;

namespace Bitswap.Node.Routing;

/// <summary>Says what helps when every provider that was named could not be asked.</summary>
internal static class SearchRemedies
{
    // An error with more is not read.
    private const int MaxSentences = 2;

    private const string ByGateway = "fetch it through a trustless gateway, with -Gateway of Start-BitswapNode";

    /// <summary>Returns a remedy for the obstacles that most providers have; null where one is connected, so that nothing was in the way, or none was named.</summary>
    /// <param name="outcomes">What became of each provider.</param>
    public static string? Of(IEnumerable<string> outcomes)
    {
        string[] all = [.. outcomes];
        if (all.Length == 0 || all.Contains(SearchReport.Connected))
        {
            return null;
        }

        string[] sentences = [.. all.Select(Of).OfType<string>().GroupBy(static sentence => sentence).OrderByDescending(static group => group.Count()).Select(static group => group.Key).Take(MaxSentences)];
        return sentences.Length == 0 ? null : string.Join(' ', sentences);
    }

    private static string? Of(string outcome) => outcome switch
    {
        SearchReport.Unreachable => "A provider that did not answer may be offline or behind a firewall: try again later, or connect to another peer that has it.",
        SearchReport.NoBitswap => $"A provider without Bitswap may give blocks another way: {ByGateway}.",
        "relay" => $"A provider behind a NAT has relays alone that this node cannot dial over {AddressTransports.Dialled}: let it use another relay or open a port, or {ByGateway}.",
        "HTTP" => "A provider over HTTP is asked when the option HttpRetrieval of Start-BitswapNode is set, or when -Gateway names it.",
        "QUIC" or "WebTransport" or "WebRTC" or "UDP" or "TLS" or "Unix socket" =>
            $"This node dials {AddressTransports.Dialled}: let a provider listen on one of these too, or {ByGateway}.",
        "HTTP (rate limited)" or "HTTP (failed recently)" => "A gateway that has had too many requests answers again after a while: wait, and ask for fewer blocks at once.",
        _ when outcome.StartsWith("HTTP (answered 451", StringComparison.Ordinal) => "A gateway withholds it for legal reasons: another gateway or peer may give it.",
        _ when outcome == ProviderObstacle.NoAddress.Name => "A provider whose address is not known cannot be dialled: ask more routers or the DHT (-Router, and the option DhtBootstrap), or connect to it by an address.",
        _ when outcome == ProviderObstacle.Refused.Name => "A provider with private addresses alone is dialled in a private network, with the option AllowPrivateAddresses of Start-BitswapNode.",
        _ => null,
    };
}

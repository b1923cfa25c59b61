using System.Net;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Node.Networks.Http;

/// <summary>A gateway cannot be asked, or answers as none; what was met is told in two words as well, by which providers are counted.</summary>
internal sealed class GatewayException : BitswapException
{
    // As much of a stranger's text as helps.
    private const int MaxShown = 100;

    private GatewayException(string errorId, string obstacle, string message, string remedy, object? target, Exception? cause = null)
        : base(errorId, message, remedy, target, cause) => Obstacle = obstacle;

    /// <summary>Gets the status that it answered with; null where it did not get so far.</summary>
    public HttpStatusCode? Status { get; private init; }

    /// <summary>Gets whether it is there and leads where it must not, which is no failure of it.</summary>
    public bool IsMisleading { get; private init; }

    /// <summary>Gets what was met, in two or three words.</summary>
    public string Obstacle { get; }

    /// <summary>It cannot be connected to, or the connection breaks.</summary>
    public static GatewayException Unreachable(HttpAddress gateway, Exception cause) => new(
        NodeErrorIds.PeerUnreachable,
        "HTTP (could not be reached)",
        $"{gateway} could not be reached: {Innermost(cause)}",
        "Check the address and the connection; try again later.",
        gateway.Multiaddr,
        cause);

    /// <summary>Nothing comes of it.</summary>
    public static GatewayException Silent(HttpAddress gateway, TimeSpan limit) => new(
        NodeErrorIds.PeerUnreachable,
        "HTTP (silent)",
        $"{gateway} said nothing for {NodeErrors.Seconds(limit)}.",
        "Try again, or allow more time with the option GatewayTimeout of Start-BitswapNode.",
        gateway.Multiaddr);

    /// <summary>It answers what no gateway does, or that it is to be asked later.</summary>
    public static GatewayException NoGateway(HttpAddress gateway, HttpStatusCode status, TimeSpan? later) => new(
        NodeErrorIds.PeerUnreachable,
        status == HttpStatusCode.TooManyRequests ? "HTTP (rate limited)" : $"HTTP (answered {(int)status})",
        $"{gateway} answered {Told(status)} when it was asked for the empty block{(later is { } time ? $", to be asked again after {NodeErrors.Seconds(time)}" : "")}.",
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable ? "Wait a while, and ask for fewer blocks at once." : "Check that the address is a trustless gateway's, the part before /ipfs/.",
        gateway.Multiaddr)
    {
        Status = status,
    };

    /// <summary>It leads where nothing may be asked.</summary>
    public static GatewayException LedTo(HttpAddress gateway, string host, IEnumerable<IPAddress>? found) => new(
        NodeErrorIds.PeerUnreachable,
        "HTTP (address not allowed)",
        $"{gateway} {(gateway.Host.Equals(host, StringComparison.OrdinalIgnoreCase) ? "is" : "leads to")} {Shown(host)}{(found is null ? "" : $", which stands for {string.Join(", ", found)}")}: the options of the node do not allow it.",
        "Name the gateway with -Gateway. In a private network, set the option AllowPrivateAddresses of Start-BitswapNode.",
        gateway.Multiaddr)
    {
        IsMisleading = true,
    };

    /// <summary>It leads elsewhere more often than it may, or to what is not followed.</summary>
    public static GatewayException Misled(HttpAddress gateway, HttpStatusCode status, string? location) => new(
        NodeErrorIds.PeerUnreachable,
        $"HTTP (answered {(int)status})",
        $"{gateway} answered {Told(status)} and leads to '{Shown(location ?? "")}', which is not followed.",
        "Name the gateway that it leads to, or allow more steps with the option MaxGatewayRedirects of Start-BitswapNode.",
        gateway.Multiaddr)
    {
        IsMisleading = true,
    };

    /// <summary>It is one of those that others named at which too many requests failed in the last minute.</summary>
    public static GatewayException TooOften(HttpAddress gateway) => new(
        NodeErrorIds.LimitExceeded,
        "HTTP (failed recently)",
        $"{gateway} is not asked: requests to it have failed often within the last minute.",
        "Try again in a minute, or name the gateway with -Gateway.",
        gateway.Multiaddr);

    /// <summary>There are as many gateways as may be.</summary>
    public static GatewayException TooMany(HttpAddress gateway, int limit) => new(
        NodeErrorIds.LimitExceeded,
        "HTTP (too many gateways)",
        $"{gateway} is not asked: {limit} gateways are peers of the node already, as many as may be.",
        "Disconnect some, or allow more with the option MaxGateways of Start-BitswapNode.",
        gateway.Multiaddr);

    /// <summary>The address has a peer id, and HTTP proves none.</summary>
    public static GatewayException NamesPeer(Multiaddr address, HttpAddress gateway) => new(
        Libp2pErrorIds.PeerIdMismatch,
        "HTTP (under a peer id)",
        $"{address} names a peer, and a gateway proves no peer id: at this address it is {gateway.PeerId}.",
        "Leave /p2p/ and what follows it away.",
        address);

    /// <summary>None of several addresses is of use.</summary>
    public static GatewayException Unreachable(IReadOnlyList<GatewayException> failures) => failures.Count == 1
        ? failures[0]
        : new(NodeErrorIds.PeerUnreachable, failures[0].Obstacle, $"The gateway cannot be asked:\n{string.Join('\n', failures.Select(failure => failure.Message))}", failures[0].Remedy, failures[0].Subject, failures[0]);

    /// <summary>Returns a status as messages tell it: <c>404 (NotFound)</c>.</summary>
    public static string Told(HttpStatusCode status) => Enum.IsDefined(status) ? $"{(int)status} ({status})" : ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture);

    // What strangers write is shown in part, and none of it acts on a terminal.
    private static string Shown(string text)
    {
        string start = text.Length > MaxShown ? text[..MaxShown] + "..." : text;
        return string.Concat(start.Select(c => char.IsControl(c) ? '?' : c));
    }

    // An HttpRequestException says least at its outside.
    private static string Innermost(Exception cause)
    {
        while (cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause.Message;
    }
}

using System.Globalization;
using System.Net;

namespace Bitswap.Node.Abstractions;

/// <summary>Makes the errors of routing, so that each id, its words and its remedy are in one place.</summary>
internal static class RoutingErrors
{
    // As much of a stranger's text as helps.
    private const int MaxShown = 100;

    public static BitswapException InvalidRouter(object? router, string problem) =>
        new(NodeErrorIds.InvalidRouter, problem, "Give its address, such as https://delegated-ipfs.dev.", router);

    public static BitswapException Unreachable(Uri router, Exception cause) =>
        new(
            NodeErrorIds.RouterUnreachable,
            $"The router {RouterUri.NameOf(router)} cannot be asked: {Innermost(cause)}",
            "Check the address and the connection, or leave the router out; connected peers are asked without one.",
            router,
            cause);

    public static BitswapException Silent(Uri router, TimeSpan limit) =>
        new(
            NodeErrorIds.RouterUnreachable,
            string.Create(CultureInfo.InvariantCulture, $"The router {RouterUri.NameOf(router)} said nothing for {limit.TotalSeconds:0.###} seconds."),
            "Try again, or allow more time with the option RouterTimeout of Start-BitswapNode.",
            router);

    public static BitswapException Refused(Uri router, HttpStatusCode status, string? retryAfter) =>
        new(
            NodeErrorIds.RouterRefused,
            string.Create(CultureInfo.InvariantCulture, $"The router {RouterUri.NameOf(router)} answered {(int)status} ({status}){(retryAfter is null ? "" : $", to be asked again after {retryAfter}")}."),
            (int)status is >= 300 and < 400
                ? "Name the router that it leads to, or allow more steps with the option MaxRouterRedirects of Start-BitswapNode."
                : status == HttpStatusCode.TooManyRequests ? "Wait a while, and ask for fewer blocks at once." : "Check that the address is a router's; ask its operator.",
            router);

    public static BitswapException RecordRefused(Uri router, HttpStatusCode status, string? retryAfter, string reason) =>
        new(
            NodeErrorIds.RouterRefused,
            string.Create(CultureInfo.InvariantCulture, $"The router {RouterUri.NameOf(router)} did not take the record: it answered {(int)status} ({status}){(reason.Length == 0 ? "" : $", '{Shown(reason)}'")}{(retryAfter is null ? "" : $", to be asked again after {retryAfter}")}."),
            (int)status is >= 300 and < 400 ? "Name the router that it leads to." : "Use another router, or ask its operator: some routers take no records.",
            router);

    public static BitswapException Misled(Uri router, HttpStatusCode status, string location) =>
        new(
            NodeErrorIds.RouterRefused,
            string.Create(CultureInfo.InvariantCulture, $"The router {RouterUri.NameOf(router)} answered {(int)status} and leads to '{Shown(location)}', which is not followed."),
            "Name a router that answers itself, or leads to another by http or https, and never from https to http.",
            router);

    public static BitswapException LedTo(Uri router, string host, IEnumerable<IPAddress>? found) =>
        new(
            NodeErrorIds.RouterRefused,
            $"The router {RouterUri.NameOf(router)} leads to {Shown(host)}{(found is null ? "" : $", which stands for {string.Join(", ", found)}")}: the options of the node do not allow it.",
            "Name the router that it leads to. In a private network, set the option AllowPrivateAddresses of Start-BitswapNode.",
            router);

    public static BitswapException Invalid(Uri router, string reason, Exception? cause = null) =>
        new(
            NodeErrorIds.InvalidRouterAnswer,
            $"What the router {RouterUri.NameOf(router)} answered is no list of providers: {reason}",
            "Check that the address is a router's: a server of the Delegated Routing V1 HTTP API.",
            router,
            cause);

    public static BitswapException InvalidRecord(Uri router, string reason) =>
        new(
            NodeErrorIds.InvalidRouterAnswer,
            $"What the router {RouterUri.NameOf(router)} answered is no record of a name: {reason}",
            "Use another router, or ask its operator.",
            router);

    public static BitswapException TooLarge(Uri router, long limit) =>
        new(
            NodeErrorIds.InvalidRouterAnswer,
            string.Create(CultureInfo.InvariantCulture, $"The router {RouterUri.NameOf(router)} answers with more than {limit} bytes."),
            "Use another router, or allow more with the option MaxRouterAnswerBytes of Start-BitswapNode.",
            router);

    public static BitswapException DhtUnreachable(Exception cause) =>
        new(
            NodeErrorIds.RouterUnreachable,
            $"The DHT cannot be asked: {cause.Message}",
            "Check the addresses of the option DhtBootstrap of Start-BitswapNode, and the connection.",
            null,
            cause);

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

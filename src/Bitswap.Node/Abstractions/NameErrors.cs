using System.Globalization;

namespace Bitswap.Node.Abstractions;

/// <summary>Makes the errors of names, so that each id, its words and its remedy are in one place.</summary>
internal static class NameErrors
{
    // As much of a stranger's text as helps.
    private const int MaxShown = 200;

    public static BitswapException InvalidRecord(string name, string why, Exception? cause = null) =>
        new(
            NodeErrorIds.InvalidNameRecord,
            $"A record of the name {name} is not valid: {why}.",
            "Check the name for a character that is missing; or ask its holder to publish it again.",
            name,
            cause);

    public static BitswapException Invalid(string name, string why) =>
        new(
            NodeErrorIds.InvalidName,
            $"'{Shown(name)}' is no name: {why}.",
            "Give an IPNS name such as k51..., a domain such as docs.ipfs.tech, or a link to one.",
            name);

    public static BitswapException NoPath(string name, string value, Exception cause) =>
        new(
            NodeErrorIds.InvalidNameRecord,
            $"The name {name} stands for '{Shown(value)}', which is no path to content: {cause.Message}",
            "Ask the holder of the name to publish a path such as /ipfs/bafy....",
            name,
            cause);

    public static BitswapException NoSource(string name) =>
        new(
            NodeErrorIds.NoNameSource,
            $"The IPNS name {name} cannot be looked up: the node was told of no router and of no peer of the DHT to ask.",
            "Name a router with -Router of Resolve-BitswapName or of Start-BitswapNode, or DHT peers with the option DhtBootstrap; or start the node with -Public.",
            name);

    public static BitswapException NoTarget(string name) =>
        new(
            NodeErrorIds.NoNameSource,
            $"The name {name} cannot be published: the node was told of no router and of no peer of the DHT to publish it to.",
            "Start the node with -Public, with -Router, or with DHT peers in the option DhtBootstrap; or give a running node a router with Set-BitswapNode -Router.",
            name);

    public static BitswapException LeadsToItself(string name) =>
        new(NodeErrorIds.InvalidName, $"The name {name} cannot stand for itself.", "Publish a path such as /ipfs/bafy..., or another name.", name);

    public static BitswapException NoHigherSequence(string name) =>
        new(
            NodeErrorIds.InvalidNameRecord,
            $"The last record of the name {name} has the highest sequence that there is, so that no other can follow it.",
            "Make another key with New-BitswapKey, and publish under its name.",
            name);

    public static BitswapException NotPublished(string name, ulong sequence, IReadOnlyList<string> refusals, string then) =>
        new(
            NodeErrorIds.NameNotPublished,
            string.Create(CultureInfo.InvariantCulture, $"No router or DHT peer has said that it took the record of the name {name} with the sequence {sequence}. {Listed(refusals)} {then}"),
            "Check the connection and the routers of the node (Get-BitswapNode); or allow more time with -TimeoutSeconds.",
            name);

    public static BitswapException DnsNotAllowed(string domain) =>
        new(
            NodeErrorIds.NoNameSource,
            $"{domain} is a domain, and what it stands for is asked of DNS, which this node may not do on its own.",
            "Look it up with Resolve-BitswapName, which may; or start the node with -Option @{ ResolveNames = $true } or with -Public.",
            domain);

    public static BitswapException NotRemembered(string name) =>
        new(
            NodeErrorIds.NoNameSource,
            $"What the name {name} stands for is not remembered by this node, and -Local asks no source.",
            "Leave out -Local, or resolve the name with Resolve-BitswapName first.",
            name);

    public static BitswapException NotFound(string name, string reports, Exception? cause) =>
        new(
            NodeErrorIds.NameNotFound,
            $"No valid record of the IPNS name {name} was found. {reports}".TrimEnd(),
            "Check the name. A record expires unless its holder publishes it again, after two days at most in the public DHT.",
            name,
            cause);

    public static BitswapException NoDnsLink(string domain, int texts) =>
        new(
            NodeErrorIds.NameNotFound,
            string.Create(CultureInfo.InvariantCulture, $"{domain} has no DNSLink: {(texts == 0 ? $"there is no TXT record of _dnslink.{domain}" : $"none of the {texts} TXT records of _dnslink.{domain} is one")}."),
            "Check the domain for typing mistakes, or ask its holder.",
            domain);

    public static BitswapException SeveralDnsLinks(string domain, IReadOnlyList<string> values) =>
        new(
            NodeErrorIds.NameNotFound,
            string.Create(CultureInfo.InvariantCulture, $"{domain} has {values.Count} DNSLinks, and which of them holds is not said: {Shown(string.Join(", ", values))}."),
            "Use one of the paths, or ask the holder of the domain to leave one TXT record.",
            domain);

    public static BitswapException DnsFailed(string domain, Exception cause) =>
        new(NodeErrorIds.NameNotFound, $"DNS cannot be asked about {domain}: {cause.Message}", "Check the network and the name servers of this machine, and try again.", domain, cause);

    public static BitswapException TooManySteps(string name, int max, string next) =>
        new(
            NodeErrorIds.NameRecursion,
            string.Create(CultureInfo.InvariantCulture, $"'{Shown(name)}' leads through {max} names, and the next is '{Shown(next)}'."),
            "Names that lead to one another in a circle have no end; ask their holders. A longer chain is followed with the option MaxNameSteps of Start-BitswapNode.",
            name);

    public static BitswapException Timeout(string name, TimeSpan limit) =>
        new(
            NodeErrorIds.Timeout,
            string.Create(CultureInfo.InvariantCulture, $"'{Shown(name)}' was not resolved within {limit.TotalSeconds:0.###} seconds."),
            "Try again, or allow more time with -TimeoutSeconds.",
            name);

    private static string Listed(IReadOnlyList<string> refusals)
    {
        const int Most = 3;
        string first = string.Join(' ', refusals.Take(Most));
        return refusals.Count <= Most ? first : string.Create(CultureInfo.InvariantCulture, $"{first} And {refusals.Count - Most} others.");
    }

    // What strangers write is shown in part, and none of it acts on a terminal.
    private static string Shown(string text)
    {
        string start = text.Length > MaxShown ? text[..MaxShown] + "..." : text;
        return string.Concat(start.Select(c => char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format ? '?' : c));
    }
}

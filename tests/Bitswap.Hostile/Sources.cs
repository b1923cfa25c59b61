namespace Bitswap.Hostile;

/// <summary>Where a fetching node may look. As text, it goes from one process to another on one line.</summary>
/// <param name="Peers">Whom it is connected to.</param>
/// <param name="Routers">Which routers it asks.</param>
/// <param name="Dht">Where its lookups in the DHT begin.</param>
internal sealed record Sources(IReadOnlyList<Multiaddr> Peers, IReadOnlyList<Uri> Routers, IReadOnlyList<Multiaddr> Dht)
{
    private const char Between = ' ';

    public static Sources Parse(string text)
    {
        ILookup<string, string> words = text.Split(Between, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Split('=', 2)).ToLookup(parts => parts[0], parts => parts[1]);
        return new Sources([.. words["peer"].Select(Multiaddr.Parse)], [.. words["router"].Select(word => new Uri(word))], [.. words["dht"].Select(Multiaddr.Parse)]);
    }

    public override string ToString() => string.Join(
        Between, [.. Peers.Select(peer => $"peer={peer}"), .. Routers.Select(router => $"router={router}"), .. Dht.Select(peer => $"dht={peer}")]);
}

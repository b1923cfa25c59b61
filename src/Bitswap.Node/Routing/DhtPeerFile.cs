using System.Globalization;
using System.Text.Json;
using Bitswap.Libp2p.Addresses;
using Bitswap.Libp2p.Protocols.Kademlia;
using Bitswap.Node.Core;

namespace Bitswap.Node.Routing;

/// <summary>
/// Reads and writes <c>dht-peers.json</c>: <c>{"version":1,"protocol":"/ipfs/kad/1.0.0","peers":[{"id":"...","answered":"...","source":"World","addresses":["..."]}]}</c>, where the
/// addresses are without the peer id.
/// </summary>
internal static class DhtPeerFile
{
    public const string Name = "dht-peers.json";

    /// <summary>The most peers in it.</summary>
    public const int MaxPeers = 128;

    /// <summary>The most addresses of each.</summary>
    public const int MaxAddresses = 8;

    private const int Version = 1;

    // Longer ones are left out: any of use is shorter.
    private const int MaxAddressLength = 512;

    // Room for as many of them.
    private const long MaxLength = 1 << 20;

    /// <summary>Returns the peers of a file; none where there is no file, or it is of another DHT.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static IReadOnlyList<KademliaContact> Read(string path, string protocol)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        if (new FileInfo(path).Length > MaxLength)
        {
            throw new FormatException("it is longer than any such file");
        }

        try
        {
            return Parse(File.ReadAllBytes(path), protocol);
        }
        catch (Exception error) when (error is BitswapException or JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException or OverflowException)
        {
            throw new FormatException(error.Message, error);
        }
    }

    /// <summary>Replaces the file: it is there whole, with the old peers or the new ones.</summary>
    /// <param name="path">The file.</param>
    /// <param name="protocol">The DHT.</param>
    /// <param name="peers">At most <see cref="MaxPeers"/>.</param>
    /// <exception cref="IOException">It cannot be written, and is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, string protocol, IEnumerable<KademliaContact> peers)
    {
        using MemoryStream content = new();
        using (Utf8JsonWriter writer = new(content, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            writer.WriteString("protocol", protocol);
            writer.WriteStartArray("peers");
            foreach (KademliaContact peer in peers)
            {
                string[] addresses = [.. peer.Peer.Addresses.Select(address => address.WithoutPeerId().ToString()).Where(address => address.Length <= MaxAddressLength).Take(MaxAddresses)];
                if (addresses.Length > 0)
                {
                    Write(writer, peer, addresses);
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        string unfinished = Path.Combine(Path.GetDirectoryName(path)!, UnfinishedName(Guid.NewGuid().ToString("N")));
        OwnFile.Replace(path, unfinished, content.GetBuffer().AsSpan(0, (int)content.Length), overwrite: true);
    }

    /// <summary>Removes what was left behind where a change of the file was cut short. Only the holder of the repository's lock may call it.</summary>
    public static void RemoveUnfinished(string folder)
    {
        foreach (string unfinished in Directory.EnumerateFiles(folder, UnfinishedName("*")))
        {
            File.Delete(unfinished);
        }
    }

    private static List<KademliaContact> Parse(ReadOnlyMemory<byte> content, string protocol)
    {
        using JsonDocument json = JsonDocument.Parse(content);
        JsonElement root = json.RootElement;
        if (root.GetProperty("version").GetInt32() != Version)
        {
            throw new FormatException("its version is not known");
        }

        JsonElement peers = root.GetProperty("peers");
        if (peers.GetArrayLength() > MaxPeers)
        {
            throw new FormatException($"it has {peers.GetArrayLength()} peers, and at most {MaxPeers} are kept");
        }

        // What another DHT is made of is of no use in this one.
        return root.GetProperty("protocol").GetString() == protocol ? [.. peers.EnumerateArray().Select(ReadPeer)] : [];
    }

    private static KademliaContact ReadPeer(JsonElement peer)
    {
        PeerId id = PeerId.Parse(TextOf(peer.GetProperty("id")));
        JsonElement addresses = peer.GetProperty("addresses");
        if (addresses.GetArrayLength() > MaxAddresses)
        {
            throw new FormatException($"{id} has {addresses.GetArrayLength()} addresses, and at most {MaxAddresses} are kept");
        }

        string source = TextOf(peer.GetProperty("source"));
        if (!Enum.TryParse(source, out AddressScope scope) || !Enum.IsDefined(scope) || scope == AddressScope.Nowhere)
        {
            throw new FormatException($"'{source}' is no source of an address");
        }

        return new KademliaContact(
            new KademliaPeer(id, [.. addresses.EnumerateArray().Select(address => Multiaddr.Parse(TextOf(address)).WithPeerId(id))]) { Source = scope },
            DateTimeOffset.ParseExact(TextOf(peer.GetProperty("answered")), "O", CultureInfo.InvariantCulture));
    }

    private static string TextOf(JsonElement element) => element.GetString() ?? throw new FormatException("a text is missing");

    private static void Write(Utf8JsonWriter writer, KademliaContact peer, string[] addresses)
    {
        writer.WriteStartObject();
        writer.WriteString("id", peer.Peer.Id.ToString());
        writer.WriteString("answered", peer.Answered.ToString("O", CultureInfo.InvariantCulture));
        writer.WriteString("source", peer.Peer.Source.ToString());
        writer.WriteStartArray("addresses");
        foreach (string address in addresses)
        {
            writer.WriteStringValue(address);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string UnfinishedName(string id) => $".dht-peers-{id}.tmp";
}

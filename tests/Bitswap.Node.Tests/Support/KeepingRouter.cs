using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Bitswap.Node.Tests.Support;

/// <summary>A router that keeps the records of names by their paths, and tells of the providers that it was told of.</summary>
internal sealed class KeepingRouter : IAsyncDisposable
{
    private const string RecordType = "application/vnd.ipfs.ipns-record";
    private readonly ConcurrentDictionary<string, byte[]> _records = [];
    private readonly ConcurrentDictionary<string, string> _providers = [];
    private readonly RouterServer _server;

    public KeepingRouter() => _server = new RouterServer(AnswerAsync);

    public Uri Uri => _server.Uri;

    public void Provide(Cid cid, PeerId peer, IReadOnlyList<Multiaddr> addresses) => _providers[$"/routing/v1/providers/{cid}"] =
        JsonSerializer.Serialize(new { Schema = "peer", ID = peer.ToString(), Addrs = addresses.Select(address => address.WithoutPeerId().ToString()), Protocols = new[] { "transport-bitswap" } }) + "\n";

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(string request, NetworkStream stream, CancellationToken cancellationToken)
    {
        string[] words = request.Split(' ');
        string path = words[1].Split('?')[0];
        const string names = "/routing/v1/ipns/";
        if (path.StartsWith(names, StringComparison.Ordinal))
        {
            // the one client writes a name in base 36, the other in base 32
            path = names + PeerId.Parse(path[names.Length..]);
        }

        (string status, string? type, byte[] body) = ("404 Not Found", (string?)null, (byte[])[]);
        if (words[0] == "PUT" && request.Contains(RecordType, StringComparison.OrdinalIgnoreCase))
        {
            _records[path] = _server.Bodies.Last();
            status = "200 OK";
        }
        else if (_records.TryGetValue(path, out byte[]? record))
        {
            (status, type, body) = ("200 OK", RecordType, record);
        }
        else if (_providers.TryGetValue(path, out string? providers))
        {
            (status, type, body) = ("200 OK", "application/x-ndjson", Encoding.UTF8.GetBytes(providers));
        }

        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(RouterServer.Head(status, type, $"Content-Length: {body.Length}")), .. body], cancellationToken);
    }
}

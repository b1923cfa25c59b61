using Bitswap.Libp2p.Protocols.Kademlia;
using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Routing;

/// <summary>
/// What a node with a repository remembers of the DHT between its runs: the peers that answered last, in <see cref="DhtPeerFile"/>. A node without a repository remembers
/// none, and one whose repository cannot be written to reads the file alone. Neither a damaged file nor one that cannot be written is an error of the node: the log says it.
/// </summary>
internal sealed class DhtMemory : IDisposable
{
    /// <summary>How often the file is written, where more peers have answered.</summary>
    public static readonly TimeSpan SaveInterval = TimeSpan.FromMinutes(10);

    /// <summary>How long a peer that did not answer again is remembered. Most peers of the public DHT are gone by then.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(14);

    // a clock that is set goes back so far
    private static readonly TimeSpan _leeway = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly string? _path;
    private readonly string _protocol;
    private readonly bool _isReadOnly;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private Func<IReadOnlyList<KademliaContact>>? _contacts;
    private ITimer? _timer;
    private DateTimeOffset _saved;
    private bool _isEnded;

    /// <param name="repository">The folder of the repository; null for a node in memory, or one that was told of no DHT.</param>
    /// <param name="isReadOnly">Whether nothing is written there.</param>
    /// <param name="protocol">The DHT.</param>
    /// <param name="clock">The node's clock.</param>
    /// <param name="log">Told of a file that cannot be read or written.</param>
    public DhtMemory(string? repository, bool isReadOnly, string protocol, TimeProvider clock, ILogger log)
    {
        _path = repository is null ? null : Path.Combine(repository, DhtPeerFile.Name);
        _protocol = protocol;
        _isReadOnly = isReadOnly;
        _clock = clock;
        _log = log;
        if (_path is null)
        {
            return;
        }

        try
        {
            if (!isReadOnly)
            {
                DhtPeerFile.RemoveUnfinished(repository!);
            }

            // a time of the future says nothing: the clock was wrong then, or is now
            DateTimeOffset now = clock.GetUtcNow();
            Peers = [.. DhtPeerFile.Read(_path, protocol).Where(peer => peer.Answered > now - MaxAge && peer.Answered <= now + _leeway)];
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            log.DhtPeersUnreadable(_path, error.Message);
        }

        _saved = Peers.Select(peer => peer.Answered).DefaultIfEmpty().Max();
    }

    /// <summary>Gets the peers of earlier runs, at most <see cref="DhtPeerFile.MaxPeers"/>.</summary>
    public IReadOnlyList<KademliaContact> Peers { get; } = [];

    /// <summary>Begins to remember what a client knows.</summary>
    /// <param name="contacts">Returns those that answered, the last to answer first.</param>
    public void Remember(Func<IReadOnlyList<KademliaContact>> contacts)
    {
        if (_path is null || _isReadOnly)
        {
            return;
        }

        lock (_lock)
        {
            if (!_isEnded)
            {
                _contacts = contacts;
                _timer = _clock.CreateTimer(_ => Save(), null, SaveInterval, SaveInterval);
            }
        }
    }

    /// <summary>Writes the file a last time.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_isEnded)
            {
                _isEnded = true;
                _timer?.Dispose();
                SaveNow();
            }
        }
    }

    private void Save()
    {
        lock (_lock)
        {
            if (!_isEnded)
            {
                SaveNow();
            }
        }
    }

    private void SaveNow()
    {
        KademliaContact[] peers = [.. (_contacts?.Invoke() ?? []).Take(DhtPeerFile.MaxPeers)];
        if (peers.Length == 0 || peers[0].Answered == _saved)
        {
            return;
        }

        try
        {
            DhtPeerFile.Write(_path!, _protocol, peers);
            _saved = peers[0].Answered;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _log.DhtPeersNotKept(_path!, error.Message);
        }
    }
}

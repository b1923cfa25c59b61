using System.Collections.Immutable;
using System.Text;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Connections;

/// <summary>Represents the protocols this host answers. Read without a lock; every change has a higher version.</summary>
internal sealed class ProtocolTable
{
    // a multistream message is at most 1024 bytes, of which the line feed and room for "ls" answers are kept back
    private const int MaxProtocolLength = 512;

    private readonly Lock _gate = new();
    private readonly int _max;
    private ImmutableDictionary<string, ProtocolHandler> _handlers = ImmutableDictionary.Create<string, ProtocolHandler>(StringComparer.Ordinal);
    private ImmutableSortedSet<string> _names = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);
    private long _version;

    public ProtocolTable(int max) => _max = max;

    /// <summary>Grows with every change of the names, and of what else others are told with them.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Gets the names, sorted.</summary>
    public ImmutableSortedSet<string> Names => Volatile.Read(ref _names);

    /// <summary>Returns the handler, or null.</summary>
    public ProtocolHandler? Find(string protocol) => Volatile.Read(ref _handlers).GetValueOrDefault(protocol);

    /// <summary>Sets the handler of a protocol.</summary>
    /// <returns>Whether the protocol is new.</returns>
    /// <exception cref="ArgumentException">The name is empty, longer than 512 bytes or holds a line feed.</exception>
    /// <exception cref="Libp2pException">LimitExceeded.</exception>
    public bool Set(string protocol, ProtocolHandler handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(protocol);
        if (protocol.Contains('\n', StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(protocol) > MaxProtocolLength)
        {
            throw new ArgumentException($"A protocol name has no line feed and at most {MaxProtocolLength} bytes.", nameof(protocol));
        }
        lock (_gate)
        {
            bool isNew = !_handlers.ContainsKey(protocol);
            if (isNew && _handlers.Count >= _max)
            {
                throw new Libp2pException(
                    Libp2pErrorIds.LimitExceeded, $"{protocol} is refused: {nameof(Libp2pOptions.MaxProtocols)} ({_max}) is reached.");
            }
            Volatile.Write(ref _handlers, _handlers.SetItem(protocol, handler));
            if (isNew)
            {
                Volatile.Write(ref _names, _names.Add(protocol));
                _version++;
            }
            return isNew;
        }
    }

    /// <summary>Notes that something else has changed of what others are told with the names.</summary>
    public void Touch()
    {
        lock (_gate)
        {
            _version++;
        }
    }

    /// <summary>Forgets a protocol.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string protocol)
    {
        lock (_gate)
        {
            if (!_handlers.ContainsKey(protocol))
            {
                return false;
            }
            Volatile.Write(ref _names, _names.Remove(protocol));
            Volatile.Write(ref _handlers, _handlers.Remove(protocol));
            _version++;
            return true;
        }
    }
}

/// <summary>Represents the handler of a protocol.</summary>
/// <param name="Handle">Serves a stream.</param>
/// <param name="MaxPerPeer">The streams that one peer may have open. Only what the host answers itself has such a limit; the rest is for the layers above.</param>
internal sealed record ProtocolHandler(Func<Libp2pStream, CancellationToken, Task> Handle, int? MaxPerPeer);

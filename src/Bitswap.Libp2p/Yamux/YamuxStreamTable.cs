using System.Diagnostics.CodeAnalysis;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Yamux;

/// <summary>Represents the streams of a session by number, and the two limits on them. Every member is called under the session's gate.</summary>
internal sealed class YamuxStreamTable(bool isInitiator, YamuxOptions options)
{
    private readonly Dictionary<uint, YamuxStream> _streams = [];
    private readonly uint _ownParity = isInitiator ? 1u : 0u;
    private ulong _nextId = isInitiator ? 1u : 2u;
    private uint _highestInbound;
    private int _inbound;

    public int Count => _streams.Count;

    public int InboundCount => _inbound;

    public bool HasRoomForInbound => _inbound < options.MaxInboundStreams;

    /// <summary>Takes the next number of our own.</summary>
    /// <exception cref="Libp2pException">LimitExceeded: all 2^31 were used.</exception>
    public uint TakeId()
    {
        if (_nextId > uint.MaxValue)
        {
            throw new Libp2pException(Libp2pErrorIds.LimitExceeded, "The connection has no stream number left.");
        }
        uint id = (uint)_nextId;
        _nextId += 2;
        return id;
    }

    public bool IsOwn(uint id) => (id & 1) == _ownParity;

    /// <summary>True when neither side ever opened <paramref name="id"/>, as far as can be told.</summary>
    public bool WasNeverOpened(uint id) => IsOwn(id) ? id >= _nextId : id > _highestInbound;

    public bool TryGet(uint id, [NotNullWhen(true)] out YamuxStream? stream) => _streams.TryGetValue(id, out stream);

    public void NoteInbound(uint id) => _highestInbound = Math.Max(_highestInbound, id);

    public void Add(YamuxStream stream)
    {
        _streams.Add(stream.Id, stream);
        if (stream.IsInbound)
        {
            _inbound++;
        }
    }

    public bool Remove(YamuxStream stream)
    {
        if (!_streams.TryGetValue(stream.Id, out YamuxStream? known) || known != stream)
        {
            return false;
        }
        _streams.Remove(stream.Id);
        if (stream.IsInbound)
        {
            _inbound--;
        }
        return true;
    }

    public YamuxStream[] TakeAll()
    {
        YamuxStream[] all = [.. _streams.Values];
        _streams.Clear();
        _inbound = 0;
        return all;
    }
}

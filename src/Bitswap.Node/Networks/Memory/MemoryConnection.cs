namespace Bitswap.Node.Networks.Memory;

/// <summary>One end of a line between two peers in memory, and the streams over it.</summary>
internal sealed class MemoryConnection(MemoryPeer other, PeerConnectionInfo info)
{
    private readonly Lock _lock = new();
    private readonly List<MemoryByteStream> _streams = [];
    private bool _gone;

    /// <summary>Gets the peer at the other end.</summary>
    public MemoryPeer Other => other;

    /// <summary>Gets the description of the line.</summary>
    public PeerConnectionInfo Info => info;

    /// <summary>Adds a stream; one that comes after the line is gone is reset.</summary>
    public void Add(MemoryByteStream stream)
    {
        lock (_lock)
        {
            _streams.RemoveAll(static old => old.IsOver);
            if (!_gone)
            {
                _streams.Add(stream);
                return;
            }
        }

        stream.Reset();
    }

    /// <summary>The line is gone, and every stream with it.</summary>
    public void ResetAll()
    {
        MemoryByteStream[] streams;
        lock (_lock)
        {
            _gone = true;
            streams = [.. _streams];
            _streams.Clear();
        }

        foreach (MemoryByteStream stream in streams)
        {
            stream.Reset();
        }
    }
}

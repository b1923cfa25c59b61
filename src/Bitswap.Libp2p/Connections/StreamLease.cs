using Bitswap.Libp2p.Abstractions;

namespace Bitswap.Libp2p.Connections;

/// <summary>Represents a stream's place under the limits, given back once.</summary>
internal sealed class StreamLease
{
    private readonly ConnectionTable _table;
    private readonly Libp2pConnection _connection;
    private readonly ConnectionDirection _direction;
    private string? _limitedProtocol;
    private int _released;

    public StreamLease(
        ConnectionTable table, Libp2pConnection connection, ConnectionDirection direction, Libp2pOptions options, BackgroundTasks tracker)
    {
        _table = table;
        _connection = connection;
        _direction = direction;
        Options = options;
        Tracker = tracker;
    }

    /// <summary>Gets the limits and the clock.</summary>
    public Libp2pOptions Options { get; }

    /// <summary>Gets where work goes that outlives the stream's owner.</summary>
    public BackgroundTasks Tracker { get; }

    /// <summary>Takes a place among the peer's inbound streams of a protocol that limits them.</summary>
    public bool TryEnterProtocol(string protocol, int max)
    {
        if (!_table.TryEnterProtocol(_connection, protocol, max))
        {
            return false;
        }
        _limitedProtocol = protocol;
        return true;
    }

    /// <summary>Gives the place back.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0)
        {
            return;
        }
        if (_direction == ConnectionDirection.Inbound)
        {
            _table.LeaveInbound(_connection, _limitedProtocol);
        }
        else
        {
            _table.LeaveOutbound(_connection);
        }
    }
}

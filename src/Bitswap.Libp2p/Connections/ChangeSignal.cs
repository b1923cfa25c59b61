using System.Threading.Channels;

namespace Bitswap.Libp2p.Connections;

/// <summary>Tells one reader that something has changed since it last looked, however often. Thread-safe.</summary>
internal sealed class ChangeSignal
{
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Notes a change.</summary>
    public void Raise() => _changes.Writer.TryWrite(true);

    /// <summary>Ends when there was a change.</summary>
    public async ValueTask WaitAsync(CancellationToken ct) => await _changes.Reader.ReadAsync(ct).ConfigureAwait(false);
}

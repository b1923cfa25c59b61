using System.Buffers;
using Bitswap.Libp2p.Abstractions;

namespace Bitswap.Libp2p.Security.Tls;

/// <summary>
/// Represents the connection beneath TLS, as .NET's SslStream reads and writes it. TLS reads and writes a record of 16 KiB at a time; this receives into the connection's own
/// buffer, as much as it takes, and between <see cref="BeginBatch"/> and <see cref="SendBatchAsync"/> collects what is to be sent, so that many records are one send.
/// </summary>
/// <remarks>The reading side of TLS may write, too, to answer a message about keys. It finds its place among the records of a batch: what TLS wrote first leaves first.</remarks>
internal sealed class TlsCarrier(BufferedChannel channel) : ChannelStream(channel)
{
    /// <summary>How many bytes are collected at most; more are sent before the batch ends.</summary>
    public const int MaxBatch = 256 * 1024;

    private readonly SemaphoreSlim _turn = new(1);
    private byte[]? _batch;
    private int _length;
    private bool _isBatching;

    /// <summary>Gets whether the other side's bytes have ended.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Waits for bytes where <paramref name="buffer"/> is empty, and so without a buffer; else reads what is there.</summary>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!await Channel.FillAsync(1, cancellationToken).ConfigureAwait(false))
        {
            HasEnded = true;
            return 0;
        }
        int count = Math.Min(buffer.Length, Channel.Buffered.Length);
        Channel.Buffered.Span[..count].CopyTo(buffer.Span);
        Channel.Consume(count);
        return count;
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_isBatching)
            {
                await Channel.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
                return;
            }
            if (_length + buffer.Length > MaxBatch)
            {
                await SendCollectedAsync(cancellationToken).ConfigureAwait(false);
            }
            Collect(buffer.Span);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Collects what is written from now on.</summary>
    public void BeginBatch() => _isBatching = true;

    /// <summary>Sends what was collected, and collects no more.</summary>
    public async ValueTask SendBatchAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            _isBatching = false;
            await SendCollectedAsync(ct).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Collect(ReadOnlySpan<byte> data)
    {
        int needed = _length + data.Length;
        if (_batch is null || _batch.Length < needed)
        {
            byte[] next = ArrayPool<byte>.Shared.Rent(_batch is null ? needed : Math.Max(needed, Math.Min(MaxBatch, 4 * _length)));
            _batch.AsSpan(0, _length).CopyTo(next);
            Return();
            _batch = next;
        }
        data.CopyTo(_batch.AsSpan(_length));
        _length = needed;
    }

    private async ValueTask SendCollectedAsync(CancellationToken ct)
    {
        try
        {
            if (_length > 0)
            {
                await Channel.WriteAsync(_batch.AsMemory(0, _length), ct).ConfigureAwait(false);
            }
        }
        finally
        {
            _length = 0;
            Return();
        }
    }

    private void Return()
    {
        if (_batch is { } batch)
        {
            _batch = null;
            ArrayPool<byte>.Shared.Return(batch);
        }
    }
}

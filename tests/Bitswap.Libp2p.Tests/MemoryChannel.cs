using System.Threading.Channels;
using Bitswap.Libp2p.Abstractions;
using Bitswap.Libp2p.Errors;

namespace Bitswap.Libp2p.Tests;

/// <summary>One end of a raw connection in memory, which a test may slow, tamper with and end.</summary>
internal sealed class MemoryChannel : BufferedChannel
{
    private readonly Channel<byte[]> _incoming;
    private readonly Channel<byte[]> _outgoing;
    private readonly CancellationTokenSource _aborted = new();
    private ReadOnlyMemory<byte> _rest;

    private MemoryChannel(Channel<byte[]> incoming, Channel<byte[]> outgoing) => (_incoming, _outgoing) = (incoming, outgoing);

    /// <summary>Every write so far, as the writer made it.</summary>
    public List<byte[]> Writes { get; } = [];

    /// <summary>The most bytes that one receive gets.</summary>
    public int MaxReceive { get; init; } = int.MaxValue;

    /// <summary>Gets or sets what becomes of a write on its way: its number and its bytes go in, what arrives comes out.</summary>
    public Func<int, byte[], byte[]>? Tamper { get; set; }

    /// <summary>After so many writes this side's sending ends.</summary>
    public int WritesBeforeEnd { get; set; } = int.MaxValue;

    public bool IsAborted => _aborted.IsCancellationRequested;

    public static (MemoryChannel A, MemoryChannel B) CreatePair(int maxReceive = int.MaxValue)
    {
        Channel<byte[]> up = Channel.CreateUnbounded<byte[]>();
        Channel<byte[]> down = Channel.CreateUnbounded<byte[]>();
        return (new MemoryChannel(down, up) { MaxReceive = maxReceive }, new MemoryChannel(up, down) { MaxReceive = maxReceive });
    }

    /// <summary>Ends this side's sending.</summary>
    public void CloseWrite() => _outgoing.Writer.TryComplete();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        byte[] copy = data.ToArray();
        Writes.Add(copy);
        copy = Tamper?.Invoke(Writes.Count - 1, copy) ?? copy;
        bool taken = copy.Length == 0 || _outgoing.Writer.TryWrite(copy);
        if (Writes.Count == WritesBeforeEnd)
        {
            CloseWrite();
        }
        return taken
            ? ValueTask.CompletedTask
            : ValueTask.FromException(new Libp2pException(Libp2pErrorIds.ConnectionClosed, "closed"));
    }

    public override void Abort()
    {
        _outgoing.Writer.TryComplete();
        _aborted.Cancel();
    }

    protected override async ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken ct)
    {
        if (_rest.IsEmpty)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _aborted.Token);
            try
            {
                if (!await _incoming.Reader.WaitToReadAsync(either.Token))
                {
                    return 0;
                }
            }
            catch (OperationCanceledException) when (_aborted.IsCancellationRequested)
            {
                throw new Libp2pException(Libp2pErrorIds.ConnectionClosed, "aborted");
            }
            Assert.True(_incoming.Reader.TryRead(out byte[]? next));
            _rest = next;
        }
        int count = Math.Min(Math.Min(_rest.Length, destination.Length), MaxReceive);
        _rest[..count].CopyTo(destination);
        _rest = _rest[count..];
        return count;
    }
}

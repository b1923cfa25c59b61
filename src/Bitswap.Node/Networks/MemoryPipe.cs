using System.Buffers;
using System.IO.Pipelines;

namespace Bitswap.Node.Networks;

/// <summary>One direction of a stream in memory, with the faults of its network.</summary>
internal sealed class MemoryPipe
{
    private readonly MemoryNetwork _network;
    private readonly Pipe _pipe;
    private readonly bool _swallows;
    private readonly Lock _writing = new();
    private volatile bool _over;

    /// <param name="network">The network whose faults and clock apply.</param>
    /// <param name="swallows">Whether what is written here never arrives.</param>
    public MemoryPipe(MemoryNetwork network, bool swallows)
    {
        _network = network;
        _swallows = swallows;
        int window = network.Options.StreamWindow;
        _pipe = new Pipe(new PipeOptions(pauseWriterThreshold: window, resumeWriterThreshold: Math.Max(1, window / 2), useSynchronizationContext: false));
    }

    /// <summary>Whether the direction has ended.</summary>
    public bool IsOver => _over;

    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        ReadResult result = await _pipe.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        int count = (int)Math.Min(result.Buffer.Length, destination.Length);
        ReadOnlySequence<byte> taken = result.Buffer.Slice(0, count);
        taken.CopyTo(destination.Span);
        _pipe.Reader.AdvanceTo(taken.End);
        return count;
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        MemoryNetworkOptions options = _network.Options;
        if (options.Latency > TimeSpan.Zero)
        {
            await Task.Delay(options.Latency, options.Clock, cancellationToken).ConfigureAwait(false);
        }

        if (_network.Happens(options.Loss))
        {
            Break();
        }

        if (_swallows)
        {
            return;
        }

        FlushResult flushed = await AppendAsync(data.Span, cancellationToken).ConfigureAwait(false);
        if (flushed.IsCompleted)
        {
            throw new IOException("The stream was reset.");
        }
    }

    /// <summary>Nothing more is written; what was still arrives.</summary>
    public void Complete() => End(null);

    /// <summary>Ends the direction at once.</summary>
    public void Break() => End(new IOException("The stream was reset."));

    private ValueTask<FlushResult> AppendAsync(ReadOnlySpan<byte> data, CancellationToken cancellationToken)
    {
        lock (_writing)
        {
            if (_over)
            {
                throw new IOException("The stream was reset.");
            }

            Span<byte> arriving = _pipe.Writer.GetSpan(data.Length)[..data.Length];
            data.CopyTo(arriving);
            if (data.Length > 0 && _network.Happens(_network.Options.Corruption))
            {
                arriving[_network.Pick(data.Length)] ^= 0x55;
            }

            _pipe.Writer.Advance(data.Length);
            return _pipe.Writer.FlushAsync(cancellationToken);
        }
    }

    private void End(IOException? reason)
    {
        lock (_writing)
        {
            _over = true;
            _pipe.Writer.Complete(reason);
        }
    }
}

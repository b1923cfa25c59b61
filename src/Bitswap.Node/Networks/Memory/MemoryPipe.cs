using System.Buffers;
using System.IO.Pipelines;

namespace Bitswap.Node.Networks.Memory;

/// <summary>One direction of a stream in memory, with the faults of its network.</summary>
internal sealed class MemoryPipe
{
    private readonly MemoryLine _line;
    private readonly Pipe _pipe;
    private readonly Lock _writing = new();
    private volatile bool _over;

    /// <param name="line">The line it goes over, whose faults apply.</param>
    public MemoryPipe(MemoryLine line)
    {
        _line = line;
        int window = line.StreamWindow;
        _pipe = new Pipe(new PipeOptions(pauseWriterThreshold: window, resumeWriterThreshold: Math.Max(1, window / 2), useSynchronizationContext: false));
    }

    /// <summary>Gets whether the direction has ended.</summary>
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

    public async ValueTask WriteAsync(ReadOnlySequence<byte> data, CancellationToken cancellationToken)
    {
        await _line.TravelAsync((int)data.Length, cancellationToken).ConfigureAwait(false);
        if (_line.LosesNext())
        {
            Break();
        }

        if (_line.IsSilent)
        {
            _line.Swallow();
            return;
        }

        int times = _line.Times;
        for (int time = 0; time < times; time++)
        {
            FlushResult flushed = await AppendAsync(data, time > 0, cancellationToken).ConfigureAwait(false);
            if (flushed.IsCompleted)
            {
                throw new IOException("The stream was reset.");
            }
        }
    }

    /// <summary>Nothing more is written; what was still arrives.</summary>
    public void Complete() => End(null);

    /// <summary>Ends the direction at once.</summary>
    public void Break() => End(new IOException("The stream was reset."));

    private ValueTask<FlushResult> AppendAsync(in ReadOnlySequence<byte> data, bool again, CancellationToken cancellationToken)
    {
        lock (_writing)
        {
            if (_over)
            {
                throw new IOException("The stream was reset.");
            }

            int length = (int)data.Length;
            Span<byte> arriving = _pipe.Writer.GetSpan(length)[..length];
            data.CopyTo(arriving);
            _line.Arrive(arriving, again);
            _pipe.Writer.Advance(length);
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
